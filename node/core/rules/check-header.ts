import { HEADER_VERSION } from "../chain/header-bytes.ts";
import { meetsTarget, targetFromCompact } from "../chain/target.ts";
import type { Header, Hex } from "../chain/types.ts";
import { type ChainPosition, expectedCompactTarget, medianTimePastMs } from "./difficulty.ts";
import type { ChainParameters } from "./parameters.ts";
import type { HeaderViolation } from "./violation.ts";

/**
 * The first rule that a header breaks as a child of `parent`, null if none. True for everyone and for ever: what depends on
 * the receiver's clock is `checkFuture`. `hash` is the header's own. Proof of work is asked for only if the chain's seal is
 * `hash`, and before the walks over ancestors, so that a header that cost nothing costs little to refuse.
 * Codes, in the order of the checks: bad-parent, bad-version, bad-height, bad-target, high-hash, time-too-old.
 */
export function checkHeader(
  header: Header,
  hash: Hex,
  parent: ChainPosition,
  params: ChainParameters,
): HeaderViolation | null {
  if (header.parentHash !== parent.hash) return { code: "bad-parent", parentHash: header.parentHash };
  if (header.version !== HEADER_VERSION) return { code: "bad-version", version: header.version };
  const expectedHeight = parent.header.height + 1;
  if (header.height !== expectedHeight) return { code: "bad-height", height: header.height, expectedHeight };

  const { compactTarget, timeMs } = header;
  const expectedTarget = expectedCompactTarget(parent, params);
  if (compactTarget !== expectedTarget)
    return { code: "bad-target", compactTarget, expectedCompactTarget: expectedTarget };
  if (params.seal === "hash" && !isSealed(hash, compactTarget))
    return { code: "high-hash", hash, compactTarget };

  const medianTimePast = medianTimePastMs(parent);
  if (timeMs <= medianTimePast) return { code: "time-too-old", timeMs, medianTimePastMs: medianTimePast };
  return null;
}

/**
 * Whether a header claims to be from too far ahead of the receiver's clock, in ms. Such a header may be fine later and for
 * others, so it is no ground to call the block invalid. Exactly at the limit is accepted.
 */
export function checkFuture(header: Header, nowMs: number, params: ChainParameters): HeaderViolation | null {
  const limitMs = nowMs + params.futureLimitMs;
  return header.timeMs > limitMs ? { code: "time-too-new", timeMs: header.timeMs, limitMs } : null;
}

function isSealed(hash: Hex, compactTarget: number): boolean {
  const target = targetFromCompact(compactTarget);
  return target !== null && meetsTarget(hash, target);
}

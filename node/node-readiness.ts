import type { NodeMachine } from "./core/machine/node-machine.ts";
import { isBetter } from "./core/state/fork-choice.ts";
import { MICROS_PER_MS, MICROS_PER_SEC, type Micros } from "./core/support/micros.ts";
import type { ChainQueries } from "./ports/chain-queries.ts";
import type { PeerDirectory } from "./ports/peer-directory.ts";
import type { Readiness, UnreadyReason } from "./ports/readiness.ts";

/** A node that lacks fewer blocks than this is in sync: the newest is always on its way to somebody. Heights. */
const BEHIND_HEIGHTS_MIN = 2;

/**
 * Whether the node is in sync. The age of its tip is told and does not count: where nobody mines, a tip grows old and stays the best there is.
 * A node that knows of no other is alone on purpose, and in sync with itself.
 */
export function readinessOf(
  machine: Pick<NodeMachine, "tip" | "target">,
  peers: Pick<PeerDirectory, "list">,
  queries: Pick<ChainQueries, "isBehind">,
  nowUs: Micros,
): Readiness {
  const { tip, target } = machine;
  const { height, timeMs } = tip.header;
  const known = peers.list();
  const up = known.filter((peer) => peer.up).length;
  const reasons: UnreadyReason[] = [];
  const behind = target.header.height - height;
  if (isBetter(target, tip) && behind >= BEHIND_HEIGHTS_MIN)
    reasons.push({ code: "catching-up", text: `${behind} blocks behind the best chain that is known` });
  if (known.length > 0 && up === 0)
    reasons.push({ code: "no-peers", text: `none of ${known.length} known peers is linked` });
  if (queries.isBehind)
    reasons.push({ code: "indexing", text: "blocks are still looked through after the start" });
  const tipAgeSec = (nowUs - timeMs * MICROS_PER_MS) / MICROS_PER_SEC;
  return { reasons, height, tipAgeSec, peers: { count: known.length, up } };
}

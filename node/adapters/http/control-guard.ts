import { createHash, timingSafeEqual } from "node:crypto";
import { blockListOf, isIn, type Network } from "../../schemas/network.ts";
import type { Exchange } from "./exchange.ts";
import { type Refusal, refusal } from "./reply.ts";

/** Lets in who asks from an allowed network and shows the token; null `token`: nobody. What was shown goes no further than this. */
export function controlGuard(
  token: string | null,
  networks: readonly Network[],
): (exchange: Exchange) => Refusal | null {
  const allowed = blockListOf(networks);
  return (exchange) => {
    if (token === null) return refusal("control-disabled");
    if (!isIn(allowed, exchange.remoteAddress)) return refusal("control-not-local");
    const given = /^Bearer (.+)$/.exec(exchange.header("authorization"))?.[1];
    return given !== undefined && isSameText(given, token) ? null : refusal("bad-token");
  };
}

/** In a time that tells nothing of where they differ: hashes have one length, whatever was given. */
function isSameText(given: string, expected: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

import { invariant } from "../support/invariant.ts";
import type { BlockEntry } from "./block-entry.ts";

/**
 * Most work wins. Among equals the one seen first stays, so a miner gains nothing by publishing late.
 * Source: Nakamoto (2008) section 5, with work in place of length as in Bitcoin Core.
 */
export function isBetter(candidate: BlockEntry, tip: BlockEntry): boolean {
  return candidate.chainWork > tip.chainWork;
}

/** The blocks that leave the best chain and those that join it. */
export interface ChainChange {
  /** Height descending, from the old tip down to the fork point, which is not in it. Its length is the reorganisation's depth. */
  readonly disconnected: readonly BlockEntry[];
  /** Height ascending, from above the fork point to the new tip. */
  readonly connected: readonly BlockEntry[];
}

const NONE: readonly BlockEntry[] = [];

/** What moving from `from` to `to` changes; both linked to genesis. Equal ends give two empty lists. */
export function chainChange(from: BlockEntry, to: BlockEntry): ChainChange {
  // The same for every view that follows the block, so it is kept with the block.
  if (to.parent === from) {
    to.extension ??= { disconnected: NONE, connected: [to] };
    return to.extension;
  }
  const disconnected: BlockEntry[] = [];
  const connected: BlockEntry[] = [];
  let old = from;
  let young = to;
  while (old !== young) {
    if (young.header.height > old.header.height) {
      connected.push(young);
      young = parentOf(young);
    } else {
      disconnected.push(old);
      old = parentOf(old);
    }
  }
  return { disconnected, connected: connected.reverse() };
}

/** The parent of a block that must have one: neither genesis nor unlinked. */
export function parentOf(entry: BlockEntry): BlockEntry {
  const { parent } = entry;
  invariant(parent !== null, `block ${entry.hash} at height ${entry.header.height} has no parent here`);
  return parent;
}

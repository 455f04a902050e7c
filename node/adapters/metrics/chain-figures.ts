import type { Hex } from "../../core/chain/types.ts";
import type { BlockEntry } from "../../core/state/block-entry.ts";

/** A block this deep counts as settled: what users of Bitcoin wait for, and what scenarios ask for by default. */
export const CHECKPOINT_DEPTH_BLOCKS = 6;

/**
 * Every so many heights is one that nodes are compared at. With these two, nodes whose heights differ by no more than the depth always share
 * a checkpoint, so a disagreement cannot hide between them.
 */
export const CHECKPOINT_STEP_BLOCKS = 3;
export const CHECKPOINT_COUNT = 4;

/** Blocks that the mean interval is taken over: enough to be steady within a fifth, few enough to follow a change. */
const INTERVAL_BLOCKS = 20;

const FINGERPRINT_DIGITS = 5;

export interface Checkpoint {
  readonly height: number;
  readonly hash: Hex;
}

/** The end of a hash as a number below 2^20: small enough to be read, and two tips share one once in a million. */
export function fingerprintOf(hash: Hex): number {
  return Number.parseInt(hash.slice(-FINGERPRINT_DIGITS), 16);
}

/** Height descending, `CHECKPOINT_COUNT` at most; genesis is one, and none is below it. */
export function checkpointsOf(tip: BlockEntry): Checkpoint[] {
  const found: Checkpoint[] = [];
  const highest = tip.header.height - CHECKPOINT_DEPTH_BLOCKS;
  for (let at: BlockEntry | null = tip; at !== null && found.length < CHECKPOINT_COUNT; at = at.parent) {
    const { height } = at.header;
    if (height <= highest && height % CHECKPOINT_STEP_BLOCKS === 0) found.push({ height, hash: at.hash });
  }
  return found;
}

/**
 * Mean time between the last blocks of the chain that ends in `tip`, in seconds, by header times. Null below height 2: how long the first block
 * took after genesis says when the chain was thought of, not how fast it is.
 */
export function meanIntervalSec(tip: BlockEntry): number | null {
  let oldest = tip;
  let count = 0;
  while (count < INTERVAL_BLOCKS && oldest.parent !== null && oldest.parent.header.height > 0) {
    oldest = oldest.parent;
    count += 1;
  }
  return count === 0 ? null : (tip.header.timeMs - oldest.header.timeMs) / 1_000 / count;
}

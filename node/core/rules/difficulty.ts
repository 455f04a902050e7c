import { compactFromTarget, EASIEST_COMPACT_TARGET, targetFromCompact } from "../chain/target.ts";
import type { Header, Hex } from "../chain/types.ts";
import { invariant } from "../support/invariant.ts";
import type { ChainParameters } from "./parameters.ts";

/** A header in its chain, as far back as a rule looks: a block tree's entries fit. Genesis alone has no parent. */
export interface ChainPosition {
  readonly hash: Hex;
  readonly header: Header;
  readonly parent: ChainPosition | null;
}

/**
 * Headers whose median time a new one must exceed: wide enough that a miner with a wrong clock cannot push time back or hold
 * it, and that blocks may come with times out of order. Source: Bitcoin Core, src/chain.h, nMedianTimeSpan.
 */
export const MEDIAN_TIME_SPAN_BLOCKS = 11;

/** How far one adjustment may move the target, up or down. Source: Bitcoin Core, src/pow.cpp, CalculateNextWorkRequired. */
export const RETARGET_FACTOR_MAX = 4;

/** The compact target that a child of `parent` must state. */
export function expectedCompactTarget(parent: ChainPosition, params: ChainParameters): number {
  const rule = params.difficultyRule;
  const { compactTarget, height, timeMs } = parent.header;
  if (rule.kind === "fixed" || (height + 1) % rule.periodBlocks !== 0) return compactTarget;
  // From the first block of the period to its last is one gap less than the period has blocks. Bitcoin measures so and
  // compares with the full period, which makes blocks come about 1/periodBlocks too slowly; repeated here on purpose.
  const first = ancestor(parent, rule.periodBlocks - 1);
  return retarget(compactTarget, timeMs - first.header.timeMs, rule.periodBlocks * rule.blockIntervalMs);
}

/**
 * The target scaled by the time that a period took over the time that it should have taken, within a factor of 4 and never
 * above `easiestCompact`. A period that took no time or less counts as a quarter.
 */
export function retarget(
  compactTarget: number,
  tookMs: number,
  shouldTakeMs: number,
  easiestCompact: number = EASIEST_COMPACT_TARGET,
): number {
  const shortestMs = Math.floor(shouldTakeMs / RETARGET_FACTOR_MAX);
  const clampedMs = Math.min(Math.max(tookMs, shortestMs), shouldTakeMs * RETARGET_FACTOR_MAX);
  const scaled = (expectTarget(compactTarget) * BigInt(clampedMs)) / BigInt(shouldTakeMs);
  const easiest = expectTarget(easiestCompact);
  // A target that is scaled to nothing would be no target; one hash in 2^256 is the hardest there is.
  return compactFromTarget(scaled > easiest ? easiest : scaled > 0n ? scaled : 1n);
}

/**
 * Median of the times of the last 11 headers up to and with `tip`, in ms; of those that there are, near genesis, the later of
 * the two middle ones. A child's time must be later.
 */
export function medianTimePastMs(tip: ChainPosition): number {
  const timesMs: number[] = [];
  for (
    let at: ChainPosition | null = tip;
    at !== null && timesMs.length < MEDIAN_TIME_SPAN_BLOCKS;
    at = at.parent
  )
    insertSorted(timesMs, at.header.timeMs);
  return timesMs[timesMs.length >> 1] ?? 0;
}

/** Into a short, nearly sorted list: cheaper than sorting it with a comparator. */
function insertSorted(sorted: number[], value: number): void {
  let index = sorted.length;
  for (; index > 0 && (sorted[index - 1] ?? 0) > value; index -= 1) sorted[index] = sorted[index - 1] ?? 0;
  sorted[index] = value;
}

function ancestor(from: ChainPosition, generations: number): ChainPosition {
  let at = from;
  for (let step = 0; step < generations; step += 1) {
    invariant(at.parent !== null, "a period of the difficulty rule reaches below genesis");
    at = at.parent;
  }
  return at;
}

function expectTarget(compact: number): bigint {
  const target = targetFromCompact(compact);
  invariant(target !== null, "a chain's own compact target states no target");
  return target;
}

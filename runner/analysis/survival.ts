import type { Quantiles } from "./statistics.ts";

/** A time that was waited for: `happened` false means it was still waiting after `afterUs`, when the watching ended. */
export interface Waited {
  readonly afterUs: number;
  readonly happened: boolean;
}

/** A quantile that is null is later than `watchedUsMax`, the longest that any was watched; null if none was. */
export interface WaitingQuantiles extends Quantiles {
  readonly watchedUsMax: number | null;
}

/** The estimated share done: steps to `shares[i]` at `timesUs[i]`, ascending. */
export interface ShareDone {
  readonly timesUs: readonly number[];
  readonly shares: readonly number[];
  /** The longest that any was watched; null if none was. */
  readonly watchedUsMax: number | null;
}

/**
 * The product-limit estimate of the share that has happened by a time. Those still waiting count for as long as they were watched; without
 * such it is the empirical distribution.
 * Source: Kaplan and Meier (1958), "Nonparametric estimation from incomplete observations".
 */
export function shareDone(waits: readonly Waited[]): ShareDone {
  const sorted = waits.toSorted((a, b) => a.afterUs - b.afterUs);
  const timesUs: number[] = [];
  const shares: number[] = [];
  let waiting = 1;
  for (let start = 0; start < sorted.length; ) {
    const afterUs = sorted[start]?.afterUs ?? 0;
    let end = start;
    let happened = 0;
    for (; end < sorted.length && sorted[end]?.afterUs === afterUs; end++)
      if (sorted[end]?.happened === true) happened++;
    if (happened > 0) {
      // What was cut off at this very time was still at risk.
      const atRisk = sorted.length - start;
      waiting *= (atRisk - happened) / atRisk;
      timesUs.push(afterUs);
      shares.push(1 - waiting);
    }
    start = end;
  }
  return { timesUs, shares, watchedUsMax: sorted.at(-1)?.afterUs ?? null };
}

/**
 * After how long half, 90 % and 99 % of what was waited for had happened, counting what had not yet.
 *
 * A quantile over the finished ones alone flatters: the slow are missing from it, most of all those submitted near the
 * end of the run. A quantile is the least time at which the estimated share done is at least q, and null when the run was
 * too short to see it. Without unfinished ones it is definition 1 of Hyndman and Fan.
 */
export function waitingQuantiles(waits: readonly Waited[]): WaitingQuantiles {
  const curve = shareDone(waits);
  const [p50, p90, p99] = [whenDone(curve, 0.5), whenDone(curve, 0.9), whenDone(curve, 0.99)];
  return { p50, p90, p99, watchedUsMax: curve.watchedUsMax };
}

/** The least time by which this share was done; null if it was not while anyone watched. */
export function whenDone({ timesUs, shares }: ShareDone, share: number): number | null {
  return timesUs[shares.findIndex((done) => done >= share - ROUNDING)] ?? null;
}

/** Products of a million fractions drift by less than this; without it, exactly half done might read as 0.49999. */
const ROUNDING = 1e-9;

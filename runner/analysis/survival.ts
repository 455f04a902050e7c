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

const SHARES = [0.5, 0.9, 0.99] as const;

/**
 * After how long half, 90 % and 99 % of what was waited for had happened, counting what had not yet.
 *
 * A quantile over the finished ones alone flatters: the slow are missing from it, most of all those submitted near the
 * end of the run. The product-limit estimator uses each unfinished one for as long as it was watched. A quantile is the
 * least time at which the estimated share done is at least q, and null when the run was too short to see it. Without
 * unfinished ones it is the inverse of the empirical distribution (definition 1 of Hyndman and Fan).
 * Source: Kaplan and Meier (1958), "Nonparametric estimation from incomplete observations".
 */
export function waitingQuantiles(waits: readonly Waited[]): WaitingQuantiles {
  // At one time, what happened comes before what was cut off then: the latter was still at risk.
  const sorted = [...waits].sort((a, b) => a.afterUs - b.afterUs || Number(b.happened) - Number(a.happened));
  const found: (number | null)[] = SHARES.map(() => null);
  let waiting = 1;
  for (let start = 0; start < sorted.length; ) {
    const afterUs = sorted[start]?.afterUs ?? 0;
    let end = start;
    let happened = 0;
    for (; end < sorted.length && sorted[end]?.afterUs === afterUs; end++)
      if (sorted[end]?.happened === true) happened++;
    const atRisk = sorted.length - start;
    waiting *= (atRisk - happened) / atRisk;
    if (happened > 0)
      SHARES.forEach((share, i) => {
        if (found[i] === null && 1 - waiting >= share - ROUNDING) found[i] = afterUs;
      });
    start = end;
  }
  return {
    p50: found[0] ?? null,
    p90: found[1] ?? null,
    p99: found[2] ?? null,
    watchedUsMax: sorted.at(-1)?.afterUs ?? null,
  };
}

/** Products of a million fractions drift by less than this; without it, exactly half done might read as 0.49999. */
const ROUNDING = 1e-9;

import { invariant } from "../../node/core/support/invariant.ts";

/** Quantiles of a sample; each null when nothing was measured (or, of a censored sample, when it was never reached). */
export interface Quantiles {
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
}

/** A share of trials with its 95 % Wilson interval. No trials: all three null, since nothing was measured. */
export interface Proportion {
  readonly hits: number;
  readonly trials: number;
  readonly ratio: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** The normal distribution's 97.5 % point, for two-sided 95 % intervals. */
const Z_95 = 1.959963984540054;

/**
 * The quantile of an ascending sample by Hyndman and Fan's definition 7, the default of R and NumPy: linear between
 * the order statistics around (n - 1) * q. Null for no values; the value itself for one.
 */
export function quantile(sorted: ArrayLike<number>, q: number): number | null {
  invariant(q >= 0 && q <= 1, `there is no quantile ${q}`);
  const position = (sorted.length - 1) * q;
  const below = Math.floor(position);
  const low = sorted[below];
  if (low === undefined) return null;
  const high = sorted[below + 1];
  if (high === undefined) return low;
  return low + (position - below) * (high - low);
}

/** 50, 90 and 99 % of a sample of whole microseconds in any order, rounded to whole microseconds. */
export function quantilesUs(values: Float64Array): Quantiles {
  const sorted = values.slice().sort();
  const at = (q: number) => roundedUs(quantile(sorted, q));
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99) };
}

/** Rounds a figure that was computed from whole microseconds to whole microseconds again. */
export function roundedUs(us: number | null): number | null {
  return us === null ? null : Math.round(us);
}

/** The arithmetic mean; null for no values. */
export function mean(values: ArrayLike<number>): number | null {
  if (values.length === 0) return null;
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ?? 0;
  return sum / values.length;
}

/** The largest value; null for no values. Safe for samples too long to spread into `Math.max`. */
export function largest(values: Iterable<number>): number | null {
  let best: number | null = null;
  for (const value of values) if (best === null || value > best) best = value;
  return best;
}

/**
 * `hits` of `trials` with a 95 % interval that stays inside 0 to 1 and keeps its coverage when hits are few.
 * Trials are taken as independent; the blocks of one fork are not quite, so the interval is a little narrow when forks are deep.
 * Source: Wilson (1927), "Probable inference, the law of succession, and statistical inference".
 */
export function proportion(hits: number, trials: number): Proportion {
  invariant(hits >= 0 && hits <= trials, `${hits} hits of ${trials} trials`);
  if (trials === 0) return { hits, trials, ratio: null, low: null, high: null };
  const ratio = hits / trials;
  const z2 = Z_95 * Z_95;
  const scale = 1 + z2 / trials;
  const centre = (ratio + z2 / (2 * trials)) / scale;
  const half = (Z_95 * Math.sqrt((ratio * (1 - ratio)) / trials + z2 / (4 * trials * trials))) / scale;
  return {
    hits,
    trials,
    ratio,
    // At the ends the formula gives the ends but for rounding.
    low: hits === 0 ? 0 : Math.max(0, centre - half),
    high: hits === trials ? 1 : Math.min(1, centre + half),
  };
}

/** Two of them for 39 runs: what one more run would find outside, in 40 runs. */
const OUTSIDE_RATIO = 0.05;

/** Fewer leave no value at either side: one run in 20 cannot be cut off from less. */
export const RUN_COUNT_MIN = 39;

/** Where the figure of one more run of the same kind lies with a probability of 95 % or more. */
export interface RunInterval {
  readonly mean: number;
  /** Standard deviation of single runs. */
  readonly deviation: number;
  readonly low: number;
  readonly high: number;
}

/**
 * A prediction interval from order statistics, so that no distribution is assumed: of n runs and one more, each is as likely to be at any
 * place in the order, hence the next one falls below the r-th smallest or above the r-th largest with a probability of 2r / (n + 1) at most.
 * Null for fewer than 39 values, from which 95 % cannot be had. Source: Wilks (1941), "Determination of sample sizes for setting tolerance limits".
 */
export function runInterval(values: readonly number[]): RunInterval | null {
  const count = values.length;
  const rank = Math.floor((OUTSIDE_RATIO / 2) * (count + 1));
  const sorted = values.toSorted((a, b) => a - b);
  const low = sorted[rank - 1];
  const high = sorted[count - rank];
  if (low === undefined || high === undefined || rank < 1) return null;
  return { mean: meanOf(values), deviation: deviationOf(values), low, high };
}

/** Of at least one value. */
export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** With n - 1 below; NaN of a single value, which says nothing of spread. */
export function deviationOf(values: readonly number[]): number {
  const mean = meanOf(values);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}

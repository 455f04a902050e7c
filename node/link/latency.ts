import { invariant } from "../core/support/invariant.ts";
import type { Micros } from "../core/support/micros.ts";

/** One-way delay of a message on a link, bandwidth apart. */
export type LatencyModel =
  | { readonly kind: "constant"; readonly delayUs: Micros }
  | { readonly kind: "uniform"; readonly minUs: Micros; readonly maxUs: Micros }
  | { readonly kind: "exponential"; readonly meanUs: Micros }
  /** The logarithm is normal: `medianUs` times e^(sigma z). */
  | { readonly kind: "lognormal"; readonly medianUs: Micros; readonly sigma: number };

/** Draws a delay, whole microseconds, from `uniform`, which lies strictly between 0 and 1. The same input gives the same delay. */
export function drawLatencyUs(model: LatencyModel, uniform: number): Micros {
  switch (model.kind) {
    case "constant":
      return model.delayUs;
    case "uniform":
      return Math.round(model.minUs + (model.maxUs - model.minUs) * uniform);
    case "exponential":
      return Math.round(-model.meanUs * Math.log(uniform));
    case "lognormal":
      return Math.round(model.medianUs * lognormalQuantile(model.sigma, uniform));
  }
}

/** The longest delay that `drawLatencyUs` can give for a draw of 32 bits, such as `keyedUniform` makes. */
export function longestLatencyUs(model: LatencyModel): Micros {
  const edge = 2 ** -33;
  return Math.max(drawLatencyUs(model, edge), drawLatencyUs(model, 1 - edge));
}

/** Mean of the model, microseconds, not rounded. */
export function meanLatencyUs(model: LatencyModel): number {
  switch (model.kind) {
    case "constant":
      return model.delayUs;
    case "uniform":
      return (model.minUs + model.maxUs) / 2;
    case "exponential":
      return model.meanUs;
    case "lognormal":
      return model.medianUs * Math.exp(model.sigma ** 2 / 2);
  }
}

/** Cells of a table of quantiles: 8 kB, which stays in a processor's nearest cache. */
const CELL_COUNT = 1_024;

/** Cells at each end in which the quantile bends too much for a straight line, and is computed instead. */
export const LOGNORMAL_TAIL_CELLS = 16;

/**
 * Quantile of a lognormal distribution with median 1, by a straight line between 1,024 exact ones, which is off by less than 1e-4 of the
 * value up to a sigma of 0.5 and costs a tenth; computed in the outer three percent. A simulation asks millions of times a second.
 */
function lognormalQuantile(sigma: number, share: number): number {
  const position = share * CELL_COUNT;
  const cell = Math.floor(position);
  if (cell < LOGNORMAL_TAIL_CELLS || cell >= CELL_COUNT - LOGNORMAL_TAIL_CELLS)
    return Math.exp(sigma * normalQuantile(share));
  const table = lognormalTable(sigma);
  const below = table[cell] as number;
  return below + ((table[cell + 1] as number) - below) * (position - cell);
}

/** Tables that are kept; a network of more different spreads is slower, not wrong. */
const TABLE_COUNT_MAX = 64;
const tables = new Map<number, Float64Array>();

/** Quantiles of a lognormal with median 1 at the lower ends of 1,024 cells of equal probability. */
export function lognormalTable(sigma: number): Float64Array {
  const known = tables.get(sigma);
  if (known !== undefined) return known;
  if (tables.size === TABLE_COUNT_MAX) tables.clear();
  const table = Float64Array.from({ length: CELL_COUNT }, (_, cell) => exactOrZero(sigma, cell / CELL_COUNT));
  tables.set(sigma, table);
  return table;
}

/** The first cell begins at a quantile that does not exist; nobody reads it. */
function exactOrZero(sigma: number, share: number): number {
  return share === 0 ? 0 : Math.exp(sigma * normalQuantile(share));
}

/**
 * The standard normal value below which this share lies; `share` strictly between 0 and 1.
 * Relative error below 1.15e-9. Source: P. J. Acklam, "An algorithm for computing the inverse normal
 * cumulative distribution function" (2000), rational approximations on three ranges.
 */
export function normalQuantile(share: number): number {
  // The message is only made when it is needed: this runs for every message of a simulation.
  if (!(share > 0 && share < 1)) invariant(false, `no normal quantile of ${share}`);
  const tail = 0.02425;
  if (share < tail) return tailQuantile(Math.sqrt(-2 * Math.log(share)));
  if (share > 1 - tail) return -tailQuantile(Math.sqrt(-2 * Math.log(1 - share)));
  const q = share - 0.5;
  const r = q * q;
  const above =
    ((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r + 138.357751867269) * r -
      30.66479806614716) *
      r +
    2.506628277459239;
  const below =
    ((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r + 66.80131188771972) * r -
      13.28068155288572) *
      r +
    1;
  return (above * q) / below;
}

function tailQuantile(q: number): number {
  const above =
    ((((-0.007784894002430293 * q - 0.3223964580411365) * q - 2.400758277161838) * q - 2.549732539343734) *
      q +
      4.374664141464968) *
      q +
    2.938163982698783;
  const below =
    (((0.007784695709041462 * q + 0.3224671290700398) * q + 2.445134137142996) * q + 3.754408661907416) * q +
    1;
  return above / below;
}

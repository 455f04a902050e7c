/**
 * Time of the protocol: an integer count of microseconds. What zero means is the host's business: a live node
 * counts from the Unix epoch, the simulator from the start of the run. Exact up to 2^53, that is 285 years.
 */
export type Micros = number;

export const MICROS_PER_MS = 1_000;
export const MICROS_PER_SEC = 1_000_000;

/** Whole milliseconds, rounded down: what a header's time field holds. */
export function toWholeMs(atUs: Micros): number {
  return Math.floor(atUs / MICROS_PER_MS);
}

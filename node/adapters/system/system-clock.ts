import type { Micros } from "../../core/support/micros.ts";

/**
 * Microseconds since the Unix epoch. Monotonic within a process, unlike Date.now(): the wall clock is read once, when the process starts,
 * and a later step of it moves nothing. Nodes of one machine agree to well below a millisecond.
 */
export function systemNowUs(): Micros {
  return Math.round((performance.timeOrigin + performance.now()) * 1_000);
}

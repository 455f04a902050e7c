import { drawLatencyUs, type LatencyModel } from "../../node/link/latency.ts";
import type { Evidence } from "./evidence.ts";

export interface MeasuredDelay {
  readonly asked: LatencyModel;
  /** Lost packets are sent again, which takes time: then there is no upper bound to hold. */
  readonly isLossy: boolean;
  readonly oneWayMs: number;
}

/** What processes, sockets and timers of a busy machine may add to a delay; the run's own measures tell how much they did. */
const MACHINE_MS = 25;

/** Clocks of two processes are read in whole milliseconds, and timers may fire that much early. */
const EARLY_MS = 2;

/**
 * Half the width, in standard deviations, of the range that the median share of delays must be in: for delays that follow their models it
 * is missed once in 15,000 faults.
 */
const SIGMAS = 4;

/**
 * Whether delays follow the models asked for, by where in its own model each delay lies: the share of those below the model's median is 1/2 on
 * average, whatever the models. A constant has no spread, so each delay of one must be there to the machine's tolerance.
 */
export function judgeLatency(delays: readonly MeasuredDelay[]): Evidence {
  if (delays.length === 0) return { probed: null, evidence: "no delay could be measured" };
  const median = middle(delays.map((delay) => delay.oneWayMs));
  const asked = middle(delays.map((delay) => quantileMs(delay.asked, 0.5)));
  const evidence = `${delays.length} one-way delays measured, median ${median.toFixed(1)} ms, ${asked.toFixed(1)} ms asked`;
  return { probed: !isTooFast(delays) && !isTooSlow(delays), evidence };
}

/** The bounds at which a count of `n` fair coins is still believed, as a share. */
function shareBounds(count: number): { low: number; high: number } {
  const width = SIGMAS / (2 * Math.sqrt(count));
  return { low: Math.max(0, 0.5 - width), high: Math.min(1, 0.5 + width) };
}

function isTooFast(delays: readonly MeasuredDelay[]): boolean {
  const below = delays.filter((delay) => delay.oneWayMs < quantileMs(delay.asked, 0.5) - EARLY_MS).length;
  const constants = delays.filter((delay) => delay.asked.kind === "constant");
  if (constants.some((delay) => delay.oneWayMs < quantileMs(delay.asked, 0.5) - EARLY_MS)) return true;
  return below / delays.length > shareBounds(delays.length).high || areAllBelow(delays);
}

/** With few delays the share bounds nothing; what no draw could be is still too fast. */
function areAllBelow(delays: readonly MeasuredDelay[]): boolean {
  return delays.every((delay) => delay.oneWayMs < quantileMs(delay.asked, 0.001) - EARLY_MS);
}

function isTooSlow(delays: readonly MeasuredDelay[]): boolean {
  const steady = delays.filter((delay) => !delay.isLossy);
  if (steady.length === 0) return false;
  const above = steady.filter((delay) => delay.oneWayMs > quantileMs(delay.asked, 0.5) + MACHINE_MS).length;
  return above / steady.length > shareBounds(steady.length).high || areAllAbove(steady);
}

function areAllAbove(delays: readonly MeasuredDelay[]): boolean {
  return delays.every((delay) => delay.oneWayMs > quantileMs(delay.asked, 0.999) + MACHINE_MS);
}

function quantileMs(model: LatencyModel, share: number): number {
  return drawLatencyUs(model, model.kind === "exponential" ? 1 - share : share) / 1_000;
}

function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

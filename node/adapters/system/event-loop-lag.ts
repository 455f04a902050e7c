/** A time falls due every so often, ms: short against a hold-up that matters, and its timer costs a thousandth of a core. */
const INTERVAL_MS = 20;

/** Times that are kept between two looks: those of a minute. A process that stood still for longer has shown enough. */
const LAG_COUNT_MAX = 3_000;

/**
 * How late this process's event loop gets to what falls due. A timer aims at every 20 ms of a fixed grid: a loop that was held up for 400 ms
 * answers for each of the twenty times that fell into it, so that a hold-up weighs as much as it lasted. A timer that is set again only when it
 * has fired, as that of `monitorEventLoopDelay` is, counts it once among hundreds of short ones, and its percentiles look the better the longer
 * the loop was held up.
 */
export class EventLoopLag {
  readonly #nowMs: () => number;
  #dueMs: number;
  #lagsMs: number[] = [];
  #timer: NodeJS.Timeout;

  /** `nowMs` counts from any start. */
  constructor(nowMs = () => performance.now()) {
    this.#nowMs = nowMs;
    this.#dueMs = nowMs() + INTERVAL_MS;
    this.#timer = this.#arm();
  }

  /** The lags since the last call, in ms, ascending. */
  take(): number[] {
    this.#note();
    const lagsMs = this.#lagsMs.sort((a, b) => a - b);
    this.#lagsMs = [];
    return lagsMs;
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #arm(): NodeJS.Timeout {
    const waitMs = Math.max(1, Math.ceil(this.#dueMs - this.#nowMs()));
    return setTimeout(() => {
      this.#note();
      this.#timer = this.#arm();
    }, waitMs).unref();
  }

  #note(): void {
    const nowMs = this.#nowMs();
    const missedCount = Math.floor((nowMs - this.#dueMs) / INTERVAL_MS) + 1;
    const room = LAG_COUNT_MAX - this.#lagsMs.length;
    if (missedCount > room) this.#dueMs += (missedCount - room) * INTERVAL_MS;
    for (; this.#dueMs <= nowMs; this.#dueMs += INTERVAL_MS) this.#lagsMs.push(nowMs - this.#dueMs);
  }
}

/** The smallest lag that so many in a hundred do not exceed; 0 of none. */
export function lagPercentile(ascendingMs: readonly number[], percent: number): number {
  return ascendingMs[Math.max(0, Math.ceil((ascendingMs.length * percent) / 100) - 1)] ?? 0;
}

/** Lags as whole milliseconds, rounded up, ascending, each with how many there were: the counts of several looks add up. */
export function countLags(ascendingMs: readonly number[]): (readonly [lagMs: number, count: number])[] {
  const counts: [number, number][] = [];
  for (const each of ascendingMs) {
    const lagMs = Math.ceil(each);
    const last = counts.at(-1);
    if (last?.[0] === lagMs) last[1] += 1;
    else counts.push([lagMs, 1]);
  }
  return counts;
}

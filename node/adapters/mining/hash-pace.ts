/**
 * Credit that is kept when the machine was too busy to spend it, ms of hashing. Short stalls are made up for, so that the rate holds
 * over seconds; what a longer one took is gone, and shows in the achieved rate.
 */
export const CATCH_UP_MS_MAX = 1_000;

/** The longest that a miner hashes without looking at its messages: what a change of tip may have to wait. */
export const BATCH_MS_MAX = 20;

/** Sleep between batches, ms: each wakes a thread, which costs more than the few hashes of a slow miner. */
const SLEEP_MS_MIN = 10;
const SLEEP_MS_MAX = 50;

/** Sleeps until this miner alone may expect a block, so that a block's time is exact to a thousandth of that. */
const SLEEPS_PER_BLOCK = 1_000;

/** How long to sleep between batches, ms. */
export function sleepBetweenBatchesMs(hashesPerBlock: number, hashesPerSec: number): number {
  const blockMs = (1_000 * hashesPerBlock) / hashesPerSec;
  return Math.min(SLEEP_MS_MAX, Math.max(SLEEP_MS_MIN, Math.round(blockMs / SLEEPS_PER_BLOCK)));
}

/** Keeps a miner to its rate: time earns hashes, trying spends them. Pure; times in ms from any start. */
export class HashPace {
  #hashesPerMs = 0;
  #credit = 0;
  #asOfMs = 0;
  /** Measured: what a batch may hold. A guess to begin with, a tenth of a usual core. */
  #triesPerMs = 300;

  /** Starts anew with this rate; nothing is owed from before. */
  setRate(hashesPerSec: number, nowMs: number): void {
    this.#hashesPerMs = hashesPerSec / 1_000;
    this.#credit = 0;
    this.#asOfMs = nowMs;
  }

  /** How many hashes to try now; 0 when it is too early for one. */
  batch(nowMs: number): number {
    const earned = this.#credit + (nowMs - this.#asOfMs) * this.#hashesPerMs;
    this.#credit = Math.min(earned, Math.max(1, CATCH_UP_MS_MAX * this.#hashesPerMs));
    this.#asOfMs = nowMs;
    return Math.floor(Math.min(this.#credit, BATCH_MS_MAX * this.#triesPerMs));
  }

  /** So many were tried, in so long. */
  spent(hashes: number, tookMs: number): void {
    this.#credit -= hashes;
    // Short batches say little: the clock has its own grain.
    if (tookMs >= 0.5) this.#triesPerMs = Math.max(1, 0.8 * this.#triesPerMs + (0.2 * hashes) / tookMs);
  }

  /** Whether a whole batch is still owed: then there is no time to sleep. */
  get isBehind(): boolean {
    return this.#credit >= BATCH_MS_MAX * this.#triesPerMs;
  }
}

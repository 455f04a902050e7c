/** Tries `count` nonces from `firstNonce` on; the index of the first that meets the target, null if none does. */
export type TryNonces = (firstNonce: bigint, count: number) => number | null;

export interface Pacing {
  /** Ms from any start. Read before and after each batch. */
  readonly nowMs: () => number;
  /** How far ahead of the clock to hash, ms: it is woken as often, and a change of work throws half of it away on average. */
  readonly aheadMs: number;
  /** The longest batch, ms: for as long nothing else is done in the thread. */
  readonly batchMsMax: number;
}

/** What came of a step, and when to take the next, in ms; null: when there is work again. */
export interface Step {
  readonly foundNonce: bigint | null;
  readonly nextAtMs: number | null;
}

/**
 * Hashing that a machine was too busy for and that it makes up for, ms. Short stalls are made up for, so that the rate holds over seconds; what a longer
 * one took is gone, and shows in the hashes tried.
 */
export const CATCH_UP_MS_MAX = 1_000;

/** Speed to begin with, hashes a ms, before a batch has been measured: a tenth of a usual core. */
const TRIES_PER_MS_GUESS = 500;

/** Shorter batches do not tell the speed, since the clock has its own grain; but that it is at least as if they had taken this long, ms. */
const MEASURED_MS_MIN = 0.2;

/**
 * Keeps a search to its hash rate. Each hash has its place in time: at a rate r one ends every 1/r. A batch is hashed ahead of the clock, and a nonce that it
 * finds is given out when its place comes, so that finds are as exact as the clock though the thread is woken ten times a second. New work throws away what
 * was hashed ahead, and those hashes do not count; that moves no distribution, because it does not depend on what they gave. No timers: `step` says when
 * it wants to be called again, and may be called at any time.
 */
export class PacedSearch {
  readonly #tryNonces: TryNonces;
  readonly #pacing: Pacing;
  #hashesPerMs = 0;
  #isSearching = false;
  #isResting = true;
  #nonce = 0n;
  #doneUntilMs: number;
  #tried = 0;
  /** Hashes of the last batch: no more than these can be thrown away. */
  #batchCount = 0;
  /** Found ahead of the clock, to be given out at `#doneUntilMs`. */
  #foundNonce: bigint | null = null;
  #triesPerMs = TRIES_PER_MS_GUESS;

  constructor(tryNonces: TryNonces, pacing: Pacing) {
    this.#tryNonces = tryNonces;
    this.#pacing = pacing;
    this.#doneUntilMs = pacing.nowMs();
  }

  /** Time up to which hashes are done: after a find, when it was made. */
  get doneUntilMs(): number {
    return this.#doneUntilMs;
  }

  /** Starts anew with this rate; nothing is owed from before. */
  setRate(hashesPerSec: number): void {
    const nowMs = this.#pacing.nowMs();
    this.#forgetAfter(nowMs);
    this.#hashesPerMs = hashesPerSec / 1_000;
    this.#doneUntilMs = nowMs;
  }

  /**
   * There is other work since `sinceMs`, of which `firstNonce` is tried first; hashes of the last batch whose place is later were for nothing, and are done
   * anew. Between a find and the next work time goes on, and is made up for; after a rest it starts anew.
   */
  begin(firstNonce: bigint, sinceMs = Number.POSITIVE_INFINITY): void {
    const nowMs = this.#pacing.nowMs();
    if (this.#isResting) this.#doneUntilMs = nowMs;
    else this.#forgetAfter(Math.min(sinceMs, nowMs));
    this.#isResting = false;
    this.#isSearching = true;
    this.#nonce = firstNonce;
  }

  /** There is no work. */
  rest(): void {
    this.#forgetAfter(this.#pacing.nowMs());
    this.#batchCount = 0;
    this.#isSearching = false;
    this.#isResting = true;
  }

  /** Hashes whose place in time has come, since the start. */
  hashesTried(): number {
    return this.#tried - this.#countAfter(this.#pacing.nowMs());
  }

  /** Hashes if it is time to, and gives out what was found. After a find it waits for other work. */
  step(): Step {
    if (!this.#isSearching || this.#hashesPerMs === 0) return { foundNonce: null, nextAtMs: null };
    const nowMs = this.#pacing.nowMs();
    if (this.#doneUntilMs <= nowMs && this.#foundNonce === null) this.#hash(nowMs);
    const foundNonce = this.takeFound();
    return { foundNonce, nextAtMs: foundNonce === null ? this.#doneUntilMs : null };
  }

  /** A find whose place has come; to be asked for before the work or the rate changes, since it came first. */
  takeFound(): bigint | null {
    const foundNonce = this.#foundNonce;
    if (foundNonce === null || this.#doneUntilMs > this.#pacing.nowMs()) return null;
    this.#foundNonce = null;
    this.#isSearching = false;
    return foundNonce;
  }

  #hash(nowMs: number): void {
    const { aheadMs, batchMsMax } = this.#pacing;
    const fromMs = Math.max(this.#doneUntilMs, nowMs - CATCH_UP_MS_MAX);
    const wanted = Math.floor((nowMs + aheadMs - fromMs) * this.#hashesPerMs);
    // One hash at least, however far ahead it ends.
    const count = Math.max(1, Math.min(wanted, Math.floor(batchMsMax * this.#triesPerMs)));
    const index = this.#tryNonces(this.#nonce, count);
    const hashes = index === null ? count : index + 1;
    this.#measure(hashes, this.#pacing.nowMs() - nowMs);
    if (index !== null) this.#foundNonce = this.#nonce + BigInt(index);
    this.#nonce += BigInt(hashes);
    this.#tried += hashes;
    this.#batchCount = hashes;
    this.#doneUntilMs = fromMs + hashes / this.#hashesPerMs;
  }

  #measure(hashes: number, tookMs: number): void {
    // Without this, a slow miner would only ever measure the batches in which the machine took the processor away from it.
    if (tookMs < MEASURED_MS_MIN) this.#triesPerMs = Math.max(this.#triesPerMs, hashes / MEASURED_MS_MIN);
    else this.#triesPerMs = Math.max(1, 0.8 * this.#triesPerMs + (0.2 * hashes) / tookMs);
  }

  /** Hashes of the last batch whose place is after this moment; the one under way then is among them. */
  #countAfter(atMs: number): number {
    const count = Math.ceil((this.#doneUntilMs - atMs) * this.#hashesPerMs);
    return Math.min(Math.max(0, count), this.#batchCount);
  }

  /** What was done of a hash that is thrown away under way counts towards the next, or a slow miner would never end one. */
  #forgetAfter(atMs: number): void {
    const count = this.#countAfter(atMs);
    if (count > 0) this.#doneUntilMs -= count / this.#hashesPerMs;
    this.#tried -= count;
    this.#batchCount -= count;
    this.#foundNonce = null;
  }
}

import { type Find, firstNonceOf, type Hasher, hashClockMs, type Work } from "./hasher.ts";
import { type KernelModule, NonceSearch } from "./nonce-search.ts";
import { PacedSearch, type Pacing } from "./paced-search.ts";

/** A longer timer would go off at once. Source: nodejs.org, Timers, setTimeout. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export interface HashLoopSettings extends Omit<Pacing, "nowMs"> {
  readonly kernel: KernelModule;
  /** Which part of the nonces is this hasher's, from 0. */
  readonly index: number;
  readonly onFound: (find: Find) => void;
  /** Called after each look at what there is to hash. */
  readonly onStep?: () => void;
}

/** Hashes in the thread that it lives in, between what else the thread does. */
export class HashLoop implements Hasher {
  readonly #settings: HashLoopSettings;
  readonly #search: NonceSearch;
  readonly #paced: PacedSearch;
  #workId: number | null = null;
  #timer: NodeJS.Timeout | null = null;
  #immediate: NodeJS.Immediate | null = null;

  constructor(settings: HashLoopSettings) {
    this.#settings = settings;
    this.#search = new NonceSearch(settings.kernel);
    const tryNonces = (firstNonce: bigint, count: number) => this.#search.search(firstNonce, count);
    this.#paced = new PacedSearch(tryNonces, { ...settings, nowMs: hashClockMs });
  }

  setWork(work: Work | null): void {
    this.#giveOut(this.#paced.takeFound());
    this.#workId = work?.id ?? null;
    if (work === null) {
      this.#paced.rest();
    } else {
      this.#search.setWork(work.headerBytes, work.target);
      this.#paced.begin(firstNonceOf(this.#settings.index), work.sinceMs);
    }
    this.#arm(0);
  }

  setRate(hashesPerSec: number): void {
    this.#giveOut(this.#paced.takeFound());
    this.#paced.setRate(hashesPerSec);
    this.#arm(0);
  }

  hashesTried(): number {
    return this.#paced.hashesTried();
  }

  close(): Promise<void> {
    this.#disarm();
    return Promise.resolve();
  }

  #run(): void {
    const { foundNonce, nextAtMs } = this.#paced.step();
    this.#disarm();
    if (nextAtMs !== null) this.#arm(nextAtMs - hashClockMs());
    this.#giveOut(foundNonce);
    this.#settings.onStep?.();
  }

  #giveOut(nonce: bigint | null): void {
    if (nonce === null || this.#workId === null) return;
    this.#settings.onFound({ workId: this.#workId, nonce, foundAtMs: this.#paced.doneUntilMs });
  }

  #arm(waitMs: number): void {
    this.#disarm();
    if (waitMs > 0) this.#timer = setTimeout(() => this.#run(), Math.min(Math.ceil(waitMs), TIMER_MS_MAX));
    else this.#immediate = setImmediate(() => this.#run());
  }

  #disarm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#immediate !== null) clearImmediate(this.#immediate);
    this.#timer = null;
    this.#immediate = null;
  }
}

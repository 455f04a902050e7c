import { HashLoop } from "./hash-loop.ts";
import { HashThread } from "./hash-thread.ts";
import type { Find, Hasher, Work } from "./hasher.ts";
import { type KernelModule, loadKernel } from "./nonce-search.ts";

/**
 * Up to this rate a node hashes beside its other work: it takes some ten milliseconds of each second, in pieces of one at most. A thread costs 14 MB more, and
 * waking it costs more than the hashing.
 */
export const HASHES_PER_SEC_WITHOUT_THREAD_MAX = 100_000;

/** How far ahead a node hashes beside its other work, ms: ten times a second it does a thousandth of a second's work, which costs less than being woken. */
const AHEAD_MS = 100;

/** The longest that a node does nothing but hash, ms: no longer than its timers are late anyway. */
const BATCH_MS_MAX = 1;

export interface HasherGroupSettings {
  /** How many threads share the rate; null: none up to the rate above, else one. */
  readonly threadCount: number | null;
  readonly onFound: (find: Find) => void;
  /** A thread broke: a bug of ours. */
  readonly onFailure: (error: unknown) => void;
}

/** All that hash for a node. They are made when there is something to hash, and share its rate. */
export class HasherGroup implements Hasher {
  readonly #settings: HasherGroupSettings;
  #kernel: KernelModule | null = null;
  #members: readonly Hasher[] = [];
  #areThreads = false;
  /** By members that are no more. */
  #triedBefore = 0;
  #work: Work | null = null;
  #hashesPerSec = 0;
  #hashesPerSecLargest = 0;

  constructor(settings: HasherGroupSettings) {
    this.#settings = settings;
  }

  setWork(work: Work | null): void {
    this.#work = work;
    if (!this.#isStaffed) this.#staff();
    else for (const member of this.#members) member.setWork(work);
  }

  setRate(hashesPerSec: number): void {
    this.#hashesPerSec = hashesPerSec;
    this.#hashesPerSecLargest = Math.max(this.#hashesPerSecLargest, hashesPerSec);
    if (!this.#isStaffed) this.#staff();
    else for (const member of this.#members) member.setRate(hashesPerSec / this.#members.length);
  }

  hashesTried(): number {
    return this.#members.reduce((sum, member) => sum + member.hashesTried(), this.#triedBefore);
  }

  async close(): Promise<void> {
    this.#triedBefore = this.hashesTried();
    const members = this.#members;
    this.#members = [];
    this.#work = null;
    await Promise.all(members.map((member) => member.close()));
  }

  get #isStaffed(): boolean {
    if (this.#members.length === 0) return this.#work === null;
    return this.#areThreads || this.#threadCountWanted === 0;
  }

  /** By the largest rate so far: who was told of one and is slowed down for a while will need the thread again. */
  get #threadCountWanted(): number {
    const isLarge = this.#hashesPerSecLargest > HASHES_PER_SEC_WITHOUT_THREAD_MAX;
    return this.#settings.threadCount ?? (isLarge ? 1 : 0);
  }

  #staff(): void {
    this.#triedBefore = this.hashesTried();
    // Of these at most one is not a thread, and that one is gone at once.
    for (const member of this.#members) void member.close();
    const { onFound, onFailure } = this.#settings;
    this.#kernel ??= loadKernel();
    const kernel = this.#kernel;
    const threadCount = this.#threadCountWanted;
    this.#areThreads = threadCount > 0;
    this.#members = this.#areThreads
      ? Array.from(
          { length: threadCount },
          (_, index) => new HashThread({ kernel, index, onFound, onFailure }),
        )
      : [new HashLoop({ kernel, index: 0, aheadMs: AHEAD_MS, batchMsMax: BATCH_MS_MAX, onFound })];
    this.setRate(this.#hashesPerSec);
    for (const member of this.#members) member.setWork(this.#work);
  }
}

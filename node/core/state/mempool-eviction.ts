import type { Hex } from "../chain/types.ts";
import { type AccountQueue, isPreferred, type Waiting } from "./mempool-account.ts";
import { Heap } from "./mempool-heap.ts";

/**
 * The tails to evict, in order, so that `bytesNeeded` come free for `newcomer`, or null if that would take one with as high a
 * fee a byte as its own. A tail is the last of its account: to evict another would strand those that follow it. For the
 * same reason no transaction makes room for a later one of its own account.
 */
export function planEviction(tails: EvictionQueue, newcomer: Waiting, bytesNeeded: number): Waiting[] | null {
  const victims: Waiting[] = [];
  let bytesFreed = 0;
  const skipped: Waiting[] = [];
  while (bytesFreed < bytesNeeded) {
    const victim = tails.takeLeast();
    if (victim === null) break;
    if (isNotAfter(victim, newcomer)) {
      skipped.push(victim);
      continue;
    }
    if (victim.feePerByte >= newcomer.feePerByte) {
      skipped.push(victim);
      break;
    }
    victims.push(victim);
    bytesFreed += victim.facts.sizeBytes;
    tails.taken(victim);
  }
  tails.restore(bytesFreed < bytesNeeded ? [...skipped, ...victims] : skipped);
  return bytesFreed < bytesNeeded ? null : victims;
}

/** Whether `a` comes before `b` in the sequence of one account, or is what `b` replaces. */
function isNotAfter(a: Waiting, b: Waiting): boolean {
  return a.facts.tx.sender === b.facts.tx.sender && a.facts.tx.sequence <= b.facts.tx.sequence;
}

/**
 * The tails of all accounts, least preferred first. Lazy: entries that are no tail any more stay in the heap until they come
 * up, and the whole is made anew once they are too many.
 */
export class EvictionQueue {
  readonly #queues: ReadonlyMap<Hex, AccountQueue>;
  readonly #heap = new Heap<Waiting>((a, b) => isPreferred(b, a));
  /** How many of each account's last the running plan has taken. */
  readonly #takenCounts = new Map<Hex, number>();

  constructor(queues: ReadonlyMap<Hex, AccountQueue>) {
    this.#queues = queues;
    for (const queue of queues.values()) this.#pushLast(queue, 0);
  }

  /** Entries of the heap, stale ones too. */
  get size(): number {
    return this.#heap.size;
  }

  /** To be told whenever the tail of an account may have become another. */
  tailChanged(account: Hex): void {
    const queue = this.#queues.get(account);
    if (queue !== undefined) this.#pushLast(queue, 0);
  }

  /** The least preferred tail, out of the heap; null if there is none. */
  takeLeast(): Waiting | null {
    for (let entry = this.#heap.pop(); entry !== undefined; entry = this.#heap.pop()) {
      const account = entry.facts.tx.sender;
      const { waiting } = this.#queues.get(account) ?? NO_QUEUE;
      if (waiting[waiting.length - 1 - (this.#takenCounts.get(account) ?? 0)] === entry) return entry;
    }
    return null;
  }

  /** The plan evicts this tail: the one before it becomes a tail. */
  taken(victim: Waiting): void {
    const account = victim.facts.tx.sender;
    const count = (this.#takenCounts.get(account) ?? 0) + 1;
    this.#takenCounts.set(account, count);
    const queue = this.#queues.get(account);
    if (queue !== undefined) this.#pushLast(queue, count);
  }

  /** Ends a plan: these stay in the mempool after all. */
  restore(entries: readonly Waiting[]): void {
    this.#takenCounts.clear();
    for (const entry of entries) this.#heap.push(entry);
  }

  #pushLast(queue: AccountQueue, takenCount: number): void {
    const last = queue.waiting[queue.waiting.length - 1 - takenCount];
    if (last !== undefined) this.#heap.push(last);
  }
}

const NO_QUEUE: { readonly waiting: readonly Waiting[] } = { waiting: [] };

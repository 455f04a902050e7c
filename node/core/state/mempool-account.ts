import type { TransactionFacts } from "../chain/transaction-facts.ts";
import type { Coins } from "../chain/types.ts";
import type { Micros } from "../support/micros.ts";

/** A transaction that waits. */
export interface Waiting {
  readonly facts: TransactionFacts;
  /** Grows with each transaction that a mempool takes: the tie-break of every order, so that there are no ties. */
  readonly arrival: number;
  readonly arrivedUs: Micros;
  /** A double: fees that differ past 53 bits count as equal. */
  readonly feePerByte: number;
  /** Null once it may be told of. Until then these have it all the same, by whatever numbers the caller has for them. */
  heldBackFrom: number[] | null;
}

/** A transaction that may be told of from now on, and who need not be told. */
export interface Released {
  readonly facts: TransactionFacts;
  readonly knowers: readonly number[];
}

/** Higher fee a byte first, then the earlier arrival. */
export function isPreferred(a: Waiting, b: Waiting): boolean {
  return a.feePerByte !== b.feePerByte ? a.feePerByte > b.feePerByte : a.arrival < b.arrival;
}

/** What waits of one account, by sequence ascending, gaps allowed. */
export class AccountQueue {
  /** The longest it gets is bounded by `SEQUENCE_RUN_MAX`, so a sorted array is searched and shifted. */
  readonly waiting: Waiting[] = [];
  /** Sum of what they cost. */
  cost: Coins = 0n;
  #heldBackCount = 0;

  /** Null if none has the sequence. */
  find(sequence: number): Waiting | null {
    const found = this.waiting[this.#firstFrom(sequence)];
    return found !== undefined && found.facts.tx.sequence === sequence ? found : null;
  }

  /** Its sequence must not be taken. */
  insert(entry: Waiting): void {
    this.waiting.splice(this.#firstFrom(entry.facts.tx.sequence), 0, entry);
    this.cost += entry.facts.cost;
    if (entry.heldBackFrom !== null) this.#heldBackCount += 1;
  }

  /** Takes one out that is there. */
  remove(entry: Waiting): void {
    this.waiting.splice(this.#firstFrom(entry.facts.tx.sequence), 1);
    this.cost -= entry.facts.cost;
    if (entry.heldBackFrom !== null) this.#heldBackCount -= 1;
  }

  /** Whether no gap parts it from the account's next sequence. Waiting ones have sequences of their own, so positions tell. */
  isReady({ facts }: Waiting, nextSequence: number): boolean {
    const ahead = this.#firstFrom(facts.tx.sequence) - this.#firstFrom(nextSequence);
    return ahead === facts.tx.sequence - nextSequence;
  }

  /** What was held back and need not be any more, in order: it is held back no longer. */
  release(nextSequence: number): readonly Released[] {
    if (this.#heldBackCount === 0) return NONE;
    const released: Released[] = [];
    let sequence = nextSequence;
    for (let position = this.#firstFrom(nextSequence); position < this.waiting.length; position++) {
      const entry = this.waiting[position] as Waiting;
      if (entry.facts.tx.sequence !== sequence) break;
      sequence += 1;
      released.push(...this.releaseOne(entry));
    }
    return released;
  }

  /** The same of one, wherever it stands; nothing if it was not held back. */
  releaseOne(entry: Waiting): readonly Released[] {
    const { facts, heldBackFrom: knowers } = entry;
    if (knowers === null) return NONE;
    entry.heldBackFrom = null;
    this.#heldBackCount -= 1;
    return [{ facts, knowers }];
  }

  #firstFrom(sequence: number): number {
    // From the end, because most come in order.
    let index = this.waiting.length;
    while (index > 0 && (this.waiting[index - 1]?.facts.tx.sequence ?? -1) >= sequence) index -= 1;
    return index;
  }
}

const NONE: readonly Released[] = [];

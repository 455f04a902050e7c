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
}

/** Higher fee a byte first, then the earlier arrival. */
export function isPreferred(a: Waiting, b: Waiting): boolean {
  return a.feePerByte !== b.feePerByte ? a.feePerByte > b.feePerByte : a.arrival < b.arrival;
}

/** What waits of one account, by sequence ascending, gaps allowed. */
export class AccountQueue {
  /** The longest it gets is bounded by `SEQUENCE_AHEAD_MAX`, so a sorted array is searched and shifted. */
  readonly waiting: Waiting[] = [];
  /** Sum of what they cost. */
  cost: Coins = 0n;

  /** Null if none has the sequence. */
  find(sequence: number): Waiting | null {
    const found = this.waiting[this.#firstFrom(sequence)];
    return found !== undefined && found.facts.tx.sequence === sequence ? found : null;
  }

  /** Its sequence must not be taken. */
  insert(entry: Waiting): void {
    this.waiting.splice(this.#firstFrom(entry.facts.tx.sequence), 0, entry);
    this.cost += entry.facts.cost;
  }

  /** Takes one out that is there. */
  remove(entry: Waiting): void {
    this.waiting.splice(this.#firstFrom(entry.facts.tx.sequence), 1);
    this.cost -= entry.facts.cost;
  }

  #firstFrom(sequence: number): number {
    // From the end, because most come in order.
    let index = this.waiting.length;
    while (index > 0 && (this.waiting[index - 1]?.facts.tx.sequence ?? -1) >= sequence) index -= 1;
    return index;
  }
}

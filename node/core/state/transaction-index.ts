import type { TransactionFacts } from "../chain/transaction-facts.ts";
import type { Hex, Transaction } from "../chain/types.ts";
import { makeTransactionFacts, type TransactionContext } from "../rules/check-transaction.ts";

/**
 * Transactions whose facts are kept to be found again: what a thousand blocks of sixteen hold. Beyond it the oldest are forgotten, and checked
 * again if they should come once more.
 */
export const INDEXED_TRANSACTIONS_MAX = 16_384;

/** And their canonical bytes: whoever sends the largest there are, which need not even be signed, fills no more. */
export const INDEXED_BYTES_MAX = 8 * 1024 * 1024;

/**
 * The facts of recent transactions by their id. A transaction reaches a live node several times, from its peers and then in a block; decoded
 * anew it is another object, but its facts are the same, and its signature, which costs 0.1 ms, is checked once.
 */
export class TransactionIndex {
  readonly #context: TransactionContext;
  readonly #byId = new Map<Hex, TransactionFacts>();
  #sizeBytes = 0;

  constructor(context: TransactionContext) {
    this.#context = context;
  }

  /** The facts of an encodable transaction: those that are kept, or new ones, which are kept from now on. `bytes`: see `makeTransactionFacts`. */
  factsOf(tx: Transaction, bytes?: Uint8Array): TransactionFacts {
    const facts = makeTransactionFacts(tx, this.#context, bytes);
    const kept = this.#byId.get(facts.id);
    if (kept !== undefined) return kept;
    this.#byId.set(facts.id, facts);
    this.#sizeBytes += facts.sizeBytes;
    if (this.#byId.size > INDEXED_TRANSACTIONS_MAX || this.#sizeBytes > INDEXED_BYTES_MAX)
      this.#forgetOldest();
    return facts;
  }

  /** The same of a transaction that came in a block, which keeps the facts itself: new ones are not kept here. */
  factsInBlock(tx: Transaction, bytes: Uint8Array | undefined): TransactionFacts {
    const facts = makeTransactionFacts(tx, this.#context, bytes);
    return this.#byId.get(facts.id) ?? facts;
  }

  #forgetOldest(): void {
    for (const [id, { sizeBytes }] of this.#byId) {
      if (this.#byId.size <= INDEXED_TRANSACTIONS_MAX && this.#sizeBytes <= INDEXED_BYTES_MAX) return;
      this.#byId.delete(id);
      this.#sizeBytes -= sizeBytes;
    }
  }
}

import type { TransactionFacts } from "../../core/chain/transaction-facts.ts";
import type { BlockEntry } from "../../core/state/block-entry.ts";
import type { Message } from "../../core/state/messages.ts";
import type { Micros } from "../../core/support/micros.ts";
import { settleSignatures } from "../../host/settle-signatures.ts";
import type { VerifyLater } from "../../ports/crypto.ts";

/** What is worth the price of its signatures, as far as can be told before they are looked at. */
export interface SignatureNeeds {
  needsBody(block: BlockEntry): boolean;
  needsTransaction(facts: TransactionFacts, nowUs: Micros): boolean;
}

/**
 * Has the signatures that a message brings verified on other threads, before the protocol sees it: a signature takes a thousand times as long as the rest
 * of what is asked of a transaction, and would hold up everybody else. The verdict is kept with the transaction's facts. What is not verified
 * here is when the protocol asks.
 */
export class SignatureCheck {
  readonly #verifyLater: VerifyLater;

  constructor(verifyLater: VerifyLater) {
    this.#verifyLater = verifyLater;
  }

  /** Resolves when all are verified; null if there is nothing to wait for. */
  begin(message: Message, needs: SignatureNeeds, nowUs: Micros): Promise<void> | null {
    switch (message.kind) {
      case "block":
        return needs.needsBody(message.block) ? this.#verifyAll(message.block.transactions ?? []) : null;
      case "compact":
        return needs.needsBody(message.block)
          ? this.#verifyAll(message.prefilled.map(({ facts }) => facts))
          : null;
      case "missing":
        return needs.needsBody(message.block) ? this.#verifyAll(message.transactions) : null;
      case "transactions":
        return this.#verifyAll(message.transactions.filter((facts) => needs.needsTransaction(facts, nowUs)));
      default:
        return null;
    }
  }

  #verifyAll(transactions: readonly TransactionFacts[]): Promise<void> | null {
    const { promise, resolve } = Promise.withResolvers<void>();
    return settleSignatures(transactions, this.#verifyLater, resolve) ? promise : null;
  }
}

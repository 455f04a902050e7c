import type { TransactionFacts } from "../chain/transaction-facts.ts";
import type { Coins, Hex } from "../chain/types.ts";
import type { AccountChange, AccountReader, AccountState, LedgerDelta } from "./account-state.ts";
import type { TransactionViolation } from "./violation.ts";

/** Applies transactions one after the other over a ledger that stays as it is, and notes what changed. */
export class DeltaBuilder {
  readonly #ledger: AccountReader;
  readonly #changes: PendingChange[] = [];
  /** Where an account's change is in the list. Not made for a block that touches one account: most blocks of a simulation. */
  #byAccount: Map<Hex, PendingChange> | null = null;

  constructor(ledger: AccountReader) {
    this.#ledger = ledger;
  }

  /** Takes the cost from the sender and pays the recipient. Changes nothing if the sequence or the cover is wrong. */
  spend(facts: TransactionFacts): TransactionViolation | null {
    const { id, cost, tx } = facts;
    const sender = this.#find(tx.sender)?.after ?? this.#ledger.accountOf(tx.sender);
    if (tx.sequence !== sender.nextSequence)
      return { code: "bad-sequence", id, sequence: tx.sequence, expectedSequence: sender.nextSequence };
    if (sender.balance < cost) return { code: "no-cover", id, balance: sender.balance, cost };
    this.#set(tx.sender, { balance: sender.balance - cost, nextSequence: sender.nextSequence + 1 });
    if (tx.body.kind === "transfer") this.credit(tx.body.recipient, tx.body.amount);
    return null;
  }

  credit(account: Hex, amount: Coins): void {
    const state = this.#find(account)?.after ?? this.#ledger.accountOf(account);
    this.#set(account, { balance: state.balance + amount, nextSequence: state.nextSequence });
  }

  /** The changes, accounts that ended as they began left out. */
  finish(): LedgerDelta {
    return this.#changes.filter(isChange);
  }

  #find(account: Hex): PendingChange | undefined {
    if (this.#byAccount !== null) return this.#byAccount.get(account);
    const only = this.#changes[0];
    return only?.account === account ? only : undefined;
  }

  #set(account: Hex, after: AccountState): void {
    const known = this.#find(account);
    if (known !== undefined) {
      known.after = after;
      return;
    }
    const change = { account, before: this.#ledger.accountOf(account), after };
    this.#changes.push(change);
    if (this.#changes.length < 2) return;
    this.#byAccount ??= new Map(this.#changes.map((earlier) => [earlier.account, earlier]));
    this.#byAccount.set(account, change);
  }
}

interface PendingChange extends AccountChange {
  after: AccountState;
}

function isChange({ before, after }: AccountChange): boolean {
  return before.balance !== after.balance || before.nextSequence !== after.nextSequence;
}

import type { TransactionFacts } from "../chain/transaction-facts.ts";
import type { Coins, Hex, TransactionBody } from "../chain/types.ts";
import { invariant } from "../support/invariant.ts";
import type {
  AccountChange,
  AccountReader,
  AccountState,
  LedgerDelta,
  RecordChange,
} from "./account-state.ts";
import type { AppRules } from "./application.ts";
import { type AppState, runApplication } from "./run-application.ts";
import type { TransactionViolation } from "./violation.ts";

/** Applies transactions one after the other over a ledger that stays as it is, and notes what changed. */
export class DeltaBuilder implements AppState {
  readonly #ledger: AccountReader;
  readonly #height: number;
  readonly #rules: AppRules;
  readonly #changes: PendingChange[] = [];
  /** Where an account's change is in the list. Not made for a block that touches one account: most blocks of a simulation. */
  #byAccount: Map<Hex, PendingChange> | null = null;

  /** Records that were written, by their keys. Most blocks write none. */
  #records: Map<string, PendingRecord> | null = null;

  /** `height`: of the block that these transactions are for. */
  constructor(ledger: AccountReader, height: number, rules: AppRules) {
    this.#ledger = ledger;
    this.#height = height;
    this.#rules = rules;
  }

  /** Takes the cost from the sender, pays the recipient or runs the application. Changes nothing if any of it may not be. */
  spend(facts: TransactionFacts): TransactionViolation | null {
    const { id, cost, tx } = facts;
    const sender = this.#stateOf(tx.sender);
    if (tx.sequence !== sender.nextSequence)
      return { code: "bad-sequence", id, sequence: tx.sequence, expectedSequence: sender.nextSequence };
    if (sender.balance < cost) return { code: "no-cover", id, balance: sender.balance, cost };
    this.#set(tx.sender, { balance: sender.balance - cost, nextSequence: sender.nextSequence + 1 });
    if (tx.body.kind === "transfer") this.credit(tx.body.recipient, tx.body.amount);
    return tx.body.kind === "app" ? this.#run(facts, tx.body, sender) : null;
  }

  credit(account: Hex, amount: Coins): void {
    const state = this.#stateOf(account);
    this.#set(account, { balance: state.balance + amount, nextSequence: state.nextSequence });
  }

  balanceOf(account: Hex): Coins {
    return this.#stateOf(account).balance;
  }

  recordOf(key: string): string | null {
    const written = this.#records?.get(key);
    return written === undefined ? this.#ledger.recordOf(key) : written.after;
  }

  /** The changes, accounts and records that ended as they began left out. */
  finish(): LedgerDelta {
    const accounts = this.#changes.filter(isChange);
    if (this.#records === null) return accounts;
    return [...accounts, ...[...this.#records.values()].filter(({ before, after }) => before !== after)];
  }

  /** The sender has paid; a refusal gives it back what it had. */
  #run({ id, tx }: TransactionFacts, body: AppBody, senderBefore: AccountState): TransactionViolation | null {
    const { sender } = tx;
    const application = this.#rules.applications.get(body.app);
    invariant(application !== undefined, `a transaction of ${body.app}, which this chain does not have`);
    const origin = { sender, id, height: this.#height };
    const { refusal, effects } = runApplication(application, body.payload, origin, this, this.#rules);
    if (refusal !== null) {
      this.#set(sender, senderBefore);
      return { code: "app-refused", id, app: body.app, ...refusal };
    }
    for (const [account, balance] of effects.balances)
      this.#set(account, { balance, nextSequence: this.#stateOf(account).nextSequence });
    for (const [record, after] of effects.records) this.#write(record, after);
    return null;
  }

  #write(record: string, after: string | null): void {
    this.#records ??= new Map();
    const known = this.#records.get(record);
    if (known !== undefined) known.after = after;
    else this.#records.set(record, { record, before: this.#ledger.recordOf(record), after });
  }

  #stateOf(account: Hex): AccountState {
    return this.#find(account)?.after ?? this.#ledger.accountOf(account);
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

interface PendingRecord extends RecordChange {
  after: string | null;
}

type AppBody = Extract<TransactionBody, { kind: "app" }>;

function isChange({ before, after }: AccountChange): boolean {
  return before.balance !== after.balance || before.nextSequence !== after.nextSequence;
}

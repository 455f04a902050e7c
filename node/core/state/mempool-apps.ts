import type { TransactionFacts } from "../chain/transaction-facts.ts";
import type { Coins, Hex } from "../chain/types.ts";
import type { AccountReader } from "../rules/account-state.ts";
import type { AppRules } from "../rules/application.ts";
import { type AppState, runApplication } from "../rules/run-application.ts";
import type { TransactionViolation } from "../rules/violation.ts";
import { invariant } from "../support/invariant.ts";

/** The applications of a mempool's chain, and for which height its transactions wait. */
export interface MempoolApps {
  readonly rules: AppRules;
  nextHeight(): number;
}

/**
 * How often what was refused is tried again after what else was taken: transactions that build on one another may stand in any order, because those of
 * a block that left the chain come in behind those that were made after them.
 */
const ROUNDS_MAX = 8;

/** Whether the transaction's application does anything to the ledger. */
export function hasEffects({ tx }: TransactionFacts, apps: MempoolApps | null): boolean {
  return tx.body.kind === "app" && (apps?.rules.applications.get(tx.body.app)?.apply ?? null) !== null;
}

/**
 * What the waiting transactions of applications would do to the ledger after the tip, in the order in which they came: a newcomer is looked at on top
 * of that. An approximation, made anew at each tip: of one that was evicted meanwhile the effects stay, and payments come in at once. What may
 * stand in a block `selectTransactions` finds out exactly.
 */
export class PendingEffects {
  readonly #apps: MempoolApps;
  /** What all that waits of an account costs, whatever its kind. */
  readonly #costOf: (account: Hex) => Coins;
  /** What applications bring to an account, or take: beside its costs. */
  readonly #changes = new Map<Hex, Coins>();
  readonly #records = new Map<string, string | null>();

  constructor(apps: MempoolApps, costOf: (account: Hex) => Coins) {
    this.#apps = apps;
    this.#costOf = costOf;
  }

  /** Coins that applications take from the account and that transfers can count on no more. */
  takenFrom(account: Hex): Coins {
    const change = this.#changes.get(account) ?? 0n;
    return change < 0n ? -change : 0n;
  }

  /** Why one that does not wait yet is refused. */
  refusalOf(facts: TransactionFacts, ledger: AccountReader): TransactionViolation | null {
    return this.#run(facts, ledger, facts.cost).violation;
  }

  /** Takes in one that waits, unless it is refused. */
  take(facts: TransactionFacts, ledger: AccountReader): TransactionViolation | null {
    const { state, effects, violation } = this.#run(facts, ledger, 0n);
    if (effects === null) return violation;
    for (const [account, balance] of effects.balances) {
      const change = balance - state.balanceOf(account);
      this.#changes.set(account, (this.#changes.get(account) ?? 0n) + change);
    }
    for (const [record, text] of effects.records) this.#records.set(record, text);
    return null;
  }

  /** The same of many, in this order as far as their effects allow; those that are refused in the end. */
  takeAll(waiting: readonly TransactionFacts[], ledger: AccountReader): readonly TransactionFacts[] {
    let left = waiting;
    for (let round = 0; round < ROUNDS_MAX && left.length > 0; round += 1) {
      const refused = left.filter((facts) => this.take(facts, ledger) !== null);
      if (refused.length === left.length) break;
      left = refused;
    }
    return left;
  }

  #run(facts: TransactionFacts, ledger: AccountReader, costBesides: Coins) {
    const { body, sender } = facts.tx;
    const { rules } = this.#apps;
    const application = body.kind === "app" ? rules.applications.get(body.app) : undefined;
    invariant(body.kind === "app" && application !== undefined, `${facts.id} is of no application`);
    const state: AppState = {
      balanceOf: (account) => {
        const free = ledger.accountOf(account).balance - this.#costOf(account);
        const balance = free + (this.#changes.get(account) ?? 0n) - (account === sender ? costBesides : 0n);
        return balance < 0n ? 0n : balance;
      },
      recordOf: (key) => {
        const text = this.#records.get(key);
        return text === undefined ? ledger.recordOf(key) : text;
      },
    };
    const origin = { sender, id: facts.id, height: this.#apps.nextHeight() };
    const { refusal, effects } = runApplication(application, body.payload, origin, state, rules);
    const violation: TransactionViolation | null =
      refusal === null ? null : { code: "app-refused", id: facts.id, app: body.app, ...refusal };
    return { state, effects, violation };
  }
}

import { APPLICATIONS } from "../../node/apps/applications.ts";
import { NO_SIGNATURE } from "../../node/core/chain/transaction-bytes.ts";
import type { Hex } from "../../node/core/chain/types.ts";
import type { LedgerDelta } from "../../node/core/rules/account-state.ts";
import type { Applications } from "../../node/core/rules/application.ts";
import { makeTransactionFacts, type TransactionContext } from "../../node/core/rules/check-transaction.ts";
import { DeltaBuilder } from "../../node/core/rules/delta-builder.ts";
import { appAddress } from "../../node/core/rules/run-application.ts";
import {
  applyDelta,
  genesisLedger,
  type Ledger,
  ledgerDigest,
  totalCoins,
  undoDelta,
} from "../../node/core/state/ledger.ts";
import { aChain, sha256 } from "./chain-fixtures.ts";

/** A ledger on which transactions of one application pass or are refused, one after the other, and are undone again. */
export class AppWorld {
  ledger: Ledger;
  readonly #app: string;
  readonly #context: TransactionContext;
  readonly #deltas: LedgerDelta[] = [];
  readonly #digestBefore: Hex;

  constructor(app: string, coins: Readonly<Record<Hex, bigint>>, applications: Applications = APPLICATIONS) {
    this.#app = app;
    this.#context = { genesisHash: "00".repeat(32), sha256, verify: () => true, applications };
    const allocations = Object.entries(coins).map(([account, amount]) => ({ account, amount }));
    this.ledger = genesisLedger(aChain({ allocations }));
    this.#digestBefore = ledgerDigest(this.ledger, sha256);
  }

  /** Null when it passed; else the code of the fault, or the application's reason. */
  run(sender: Hex, payload: object): string | null {
    const body = { kind: "app", app: this.#app, payload: JSON.stringify(payload) } as const;
    const sequence = this.ledger.accountOf(sender).nextSequence;
    const facts = makeTransactionFacts(
      { body, sender, sequence, fee: 0n, signature: NO_SIGNATURE },
      this.#context,
    );
    if (facts.violation !== null) return facts.violation.code;
    const builder = new DeltaBuilder(this.ledger, 1, this.#context);
    const violation = builder.spend(facts);
    if (violation !== null) return violation.code === "app-refused" ? violation.reason : violation.code;
    const delta = builder.finish();
    this.#deltas.push(delta);
    this.ledger = applyDelta(this.ledger, delta);
    return null;
  }

  balanceOf(account: Hex): bigint {
    return this.ledger.accountOf(account).balance;
  }

  /** Of the application's own account. */
  balanceAt(label: string): bigint {
    return this.balanceOf(appAddress(this.#app, label, this.#context));
  }

  get total(): bigint {
    return totalCoins(this.ledger);
  }

  /** Whether the ledger is as it was in the beginning when all is undone. */
  undoesExactly(): boolean {
    const first = this.#deltas.reduceRight((ledger, delta) => undoDelta(ledger, delta), this.ledger);
    return ledgerDigest(first, sha256) === this.#digestBefore;
  }
}

export const KEYS: readonly [Hex, Hex, Hex] = ["11".repeat(32), "22".repeat(32), "33".repeat(32)];

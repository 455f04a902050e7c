import type { TransactionFacts } from "../core/chain/transaction-facts.ts";
import type { Hex } from "../core/chain/types.ts";
import type { Violation } from "../core/rules/violation.ts";
import type { BlockEntry } from "../core/state/block-entry.ts";
import type { ChainChange } from "../core/state/fork-choice.ts";
import type { Micros } from "../core/support/micros.ts";
import type { LinkIndex, Notice } from "../core/sync/node-port.ts";
import type { Telemetry } from "../ports/telemetry.ts";

/** Tells several listeners, in their order. */
export class TelemetryFanOut implements Telemetry {
  readonly #listeners: readonly Telemetry[];

  constructor(listeners: readonly Telemetry[]) {
    this.#listeners = listeners;
  }

  blockMined(view: number, block: BlockEntry, nowUs: Micros): void {
    for (const listener of this.#listeners) listener.blockMined(view, block, nowUs);
  }

  blockReceived(view: number, block: BlockEntry, nowUs: Micros): void {
    for (const listener of this.#listeners) listener.blockReceived(view, block, nowUs);
  }

  blockRefused(view: number, hash: Hex, violation: Violation, source: LinkIndex | null, nowUs: Micros): void {
    for (const listener of this.#listeners) listener.blockRefused(view, hash, violation, source, nowUs);
  }

  noticed(view: number, notice: Notice, nowUs: Micros): void {
    for (const listener of this.#listeners) listener.noticed(view, notice, nowUs);
  }

  tipChanged(view: number, tip: BlockEntry, previous: BlockEntry, change: ChainChange, nowUs: Micros): void {
    for (const listener of this.#listeners) listener.tipChanged(view, tip, previous, change, nowUs);
  }

  transactionSubmitted(
    view: number,
    facts: TransactionFacts,
    violation: Violation | null,
    nowUs: Micros,
  ): void {
    for (const listener of this.#listeners) listener.transactionSubmitted(view, facts, violation, nowUs);
  }
}

import type { TransactionFacts } from "../core/chain/transaction-facts.ts";
import type { Hex } from "../core/chain/types.ts";
import type { Violation } from "../core/rules/violation.ts";
import type { BlockEntry } from "../core/state/block-entry.ts";
import type { ChainChange } from "../core/state/fork-choice.ts";
import type { Micros } from "../core/support/micros.ts";
import type { LinkIndex, Notice } from "../core/sync/node-port.ts";

/** Hears what happens in a view, in the order in which it happens. Calls return quickly and change nothing. */
export interface Telemetry {
  blockMined(view: number, block: BlockEntry, nowUs: Micros): void;
  /** Another's block, held for the first time. */
  blockReceived(view: number, block: BlockEntry, nowUs: Micros): void;
  blockRefused(view: number, hash: Hex, violation: Violation, source: LinkIndex | null, nowUs: Micros): void;
  noticed(view: number, notice: Notice, nowUs: Micros): void;
  tipChanged(view: number, tip: BlockEntry, previous: BlockEntry, change: ChainChange, nowUs: Micros): void;
  /** By whoever submitted it to this view, not by gossip. */
  transactionSubmitted(
    view: number,
    facts: TransactionFacts,
    violation: Violation | null,
    nowUs: Micros,
  ): void;
}

import { workOfCompact } from "../../core/chain/target.ts";
import type { TransactionFacts } from "../../core/chain/transaction-facts.ts";
import type { Hex } from "../../core/chain/types.ts";
import type { Violation } from "../../core/rules/violation.ts";
import type { BlockEntry } from "../../core/state/block-entry.ts";
import type { ChainChange } from "../../core/state/fork-choice.ts";
import type { Micros } from "../../core/support/micros.ts";
import type { LinkIndex } from "../../core/sync/node-port.ts";
import type { Telemetry } from "../../ports/telemetry.ts";

/** Where events go: type and fields. Fields are named as in the events of a run, without the node. */
export type AddEvent = (type: string, fields: Readonly<Record<string, unknown>>) => void;

/** Makes an event of all that happens in a node. */
export class EventTelemetry implements Telemetry {
  readonly #add: AddEvent;

  constructor(add: AddEvent) {
    this.#add = add;
  }

  blockMined(_view: number, block: BlockEntry, nowUs: Micros): void {
    const { hash, header, sizeBytes, transactions } = block;
    this.#add("block-mined", {
      atUs: nowUs,
      hash,
      parentHash: header.parentHash,
      height: header.height,
      timeMs: header.timeMs,
      work: workOfCompact(header.compactTarget),
      sizeBytes,
      transactionIds: (transactions ?? []).slice(1).map((facts) => facts.id),
    });
  }

  blockReceived(_view: number, block: BlockEntry, nowUs: Micros): void {
    this.#add("block-received", { atUs: nowUs, hash: block.hash });
  }

  blockRefused(
    _view: number,
    hash: Hex,
    violation: Violation,
    _source: LinkIndex | null,
    nowUs: Micros,
  ): void {
    this.#add("block-refused", { atUs: nowUs, hash, code: violation.code });
  }

  noticed(): void {
    // No event of a run: metrics and log have it.
  }

  tipChanged(_view: number, tip: BlockEntry, previous: BlockEntry, change: ChainChange, nowUs: Micros): void {
    this.#add("tip-changed", {
      atUs: nowUs,
      hash: tip.hash,
      previousHash: previous.hash,
      height: tip.header.height,
      disconnected: change.disconnected.length,
      connected: change.connected.length,
    });
  }

  transactionSubmitted(
    _view: number,
    facts: TransactionFacts,
    violation: Violation | null,
    nowUs: Micros,
  ): void {
    if (violation === null) this.#add("transaction-accepted", { atUs: nowUs, id: facts.id });
  }
}

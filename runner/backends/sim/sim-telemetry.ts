import { workOfCompact } from "../../../node/core/chain/target.ts";
import type { TransactionFacts } from "../../../node/core/chain/transaction-facts.ts";
import type { Hex } from "../../../node/core/chain/types.ts";
import type { Violation } from "../../../node/core/rules/violation.ts";
import type { BlockEntry } from "../../../node/core/state/block-entry.ts";
import type { ChainChange } from "../../../node/core/state/fork-choice.ts";
import type { Micros } from "../../../node/core/support/micros.ts";
import type { Telemetry } from "../../../node/ports/telemetry.ts";
import type { RunEvent } from "../../record/run-event.ts";

/** Turns what simulated nodes tell into the events of a run; virtual time is the run's time. */
export function simTelemetry(emit: (event: RunEvent) => void): Telemetry {
  return {
    blockMined: (node, block, atUs) => emit(minedEvent(node, block, atUs)),
    blockReceived: (node, block, atUs) => emit({ type: "block-received", atUs, node, hash: block.hash }),
    blockRefused: (node: number, hash: Hex, violation: Violation, _source: unknown, atUs: Micros) =>
      emit({ type: "block-refused", atUs, node, hash, code: violation.code }),
    noticed: () => undefined,
    tipChanged: (node, tip, previous, change, atUs) => emit(tipEvent(node, tip, previous, change, atUs)),
    // The driver records each submission and its answer.
    transactionSubmitted: (_node: number, _facts: TransactionFacts) => undefined,
  };
}

function minedEvent(node: number, block: BlockEntry, atUs: Micros): RunEvent {
  const { hash, header, sizeBytes, transactions } = block;
  return {
    type: "block-mined",
    atUs,
    node,
    hash,
    parentHash: header.parentHash,
    height: header.height,
    timeMs: header.timeMs,
    work: workOfCompact(header.compactTarget),
    sizeBytes,
    transactionIds: (transactions ?? []).slice(1).map((facts) => facts.id),
  };
}

function tipEvent(
  node: number,
  tip: BlockEntry,
  previous: BlockEntry,
  change: ChainChange,
  atUs: Micros,
): RunEvent {
  return {
    type: "tip-changed",
    atUs,
    node,
    hash: tip.hash,
    previousHash: previous.hash,
    height: tip.header.height,
    disconnected: change.disconnected.length,
    connected: change.connected.length,
  };
}

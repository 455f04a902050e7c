import type { TransactionFacts } from "../../core/chain/transaction-facts.ts";
import type { Hex } from "../../core/chain/types.ts";
import type { Violation } from "../../core/rules/violation.ts";
import type { BlockEntry } from "../../core/state/block-entry.ts";
import type { ChainChange } from "../../core/state/fork-choice.ts";
import { MICROS_PER_MS, MICROS_PER_SEC, type Micros } from "../../core/support/micros.ts";
import type { LinkIndex, Notice } from "../../core/sync/node-port.ts";
import type { Telemetry } from "../../ports/telemetry.ts";
import { depthLabel } from "./depth-label.ts";
import type { MetricRegistry } from "./metric-registry.ts";

/** Submitted transactions whose confirmation is waited for; what is older than so many others is not measured. */
export const SUBMITTED_COUNT_MAX = 10_000;

/** Counts what happens in a node. */
export class MetricsTelemetry implements Telemetry {
  /** Blocks that the node holds, of others, its own and those restored from disk; genesis is not counted. */
  heldCount = 0;
  readonly #metrics: MetricRegistry;
  /** Blocks held, by height: one number beside every height of a tree that keeps them all. */
  readonly #heldAtHeight = new Map<number, number>();
  readonly #submittedAtUs = new Map<Hex, Micros>();

  constructor(metrics: MetricRegistry) {
    this.#metrics = metrics;
  }

  /** A block that was on disk when the process started: it is held, and no news. */
  blockRestored(block: BlockEntry): void {
    this.#held(block);
  }

  blockMined(_view: number, block: BlockEntry): void {
    this.#metrics.add("forklab_blocks_mined_total", 1);
    this.#heldAnew(block);
  }

  blockReceived(_view: number, block: BlockEntry, nowUs: Micros): void {
    this.#metrics.add("forklab_blocks_received_total", 1);
    const seconds = (nowUs - block.header.timeMs * MICROS_PER_MS) / MICROS_PER_SEC;
    this.#metrics.observe("forklab_block_propagation_seconds", Math.max(0, seconds));
    this.#heldAnew(block);
  }

  blockRefused(_view: number, _hash: Hex, violation: Violation, _source: LinkIndex | null): void {
    this.#metrics.add("forklab_blocks_refused_total", 1, { code: violation.code });
  }

  noticed(_view: number, notice: Notice): void {
    if (notice.kind === "headers-forgotten")
      this.#metrics.add("forklab_sync_headers_forgotten_total", notice.count);
    else this.#metrics.add("forklab_sync_peers_passed_over_total", 1);
  }

  tipChanged(
    _view: number,
    _tip: BlockEntry,
    _previous: BlockEntry,
    change: ChainChange,
    nowUs: Micros,
  ): void {
    const depth = change.disconnected.length;
    if (depth > 0) this.#metrics.add("forklab_reorganisations_total", 1, { depth: depthLabel(depth) });
    for (const { transactions } of change.connected) {
      const count = (transactions?.length ?? 0) - 1;
      if (count > 0) this.#metrics.add("forklab_transactions_confirmed_total", count);
      for (const { id, tx } of transactions ?? []) {
        if (tx.body.kind === "coinbase") continue;
        this.#metrics.observe("forklab_transaction_fee_coins", Number(tx.fee));
        this.#confirmed(id, nowUs);
      }
    }
  }

  transactionSubmitted(
    _view: number,
    facts: TransactionFacts,
    violation: Violation | null,
    nowUs: Micros,
  ): void {
    if (violation !== null) {
      this.#metrics.add("forklab_transactions_refused_total", 1, { code: violation.code });
      return;
    }
    this.#metrics.add("forklab_transactions_accepted_total", 1);
    const [oldest] = this.#submittedAtUs.keys();
    if (oldest !== undefined && this.#submittedAtUs.size >= SUBMITTED_COUNT_MAX)
      this.#submittedAtUs.delete(oldest);
    this.#submittedAtUs.set(facts.id, nowUs);
  }

  #confirmed(id: Hex, nowUs: Micros): void {
    const atUs = this.#submittedAtUs.get(id);
    if (atUs === undefined) return;
    this.#submittedAtUs.delete(id);
    this.#metrics.observe("forklab_transaction_confirmation_seconds", (nowUs - atUs) / MICROS_PER_SEC);
  }

  #heldAnew(block: BlockEntry): void {
    if (this.#held(block) === 2) this.#metrics.add("forklab_forks_seen_total", 1);
  }

  /** How many are held at this height now. */
  #held({ header }: BlockEntry): number {
    const count = (this.#heldAtHeight.get(header.height) ?? 0) + 1;
    this.#heldAtHeight.set(header.height, count);
    this.heldCount += 1;
    return count;
  }
}

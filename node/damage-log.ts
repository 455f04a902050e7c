import type { Logger } from "pino";
import type { MetricRegistry } from "./adapters/metrics/metric-registry.ts";
import type { Damage } from "./adapters/store/set-aside.ts";
import type { Restored } from "./host/restore-chain.ts";

/** What a node tells of its disk: in its log, its metrics and its status. */
export class DamageLog {
  /** Damaged records and files since the start of the process. */
  damagedCount = 0;
  readonly #log: Logger;
  readonly #metrics: MetricRegistry;

  constructor(log: Logger, metrics: MetricRegistry) {
    this.#log = log;
    this.#metrics = metrics;
  }

  note(damage: Damage): void {
    this.damagedCount += 1;
    this.#log.warn(damage, "damage-found");
    this.#metrics.add("forklab_storage_damaged_total", 1, { what: damage.what });
  }

  /** Tells of a start that did not find all in order; what is to be said of any start. */
  restored({ lostCount, strandedCount, heldCount, fromHeight, appliedCount }: Restored) {
    if (lostCount > 0 || strandedCount > 0)
      this.#log.warn({ lostCount, strandedCount, heldCount }, "blocks-are-fetched-again");
    return { fromHeight, appliedCount };
  }
}

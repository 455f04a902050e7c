import { checkpointsOf, fingerprintOf, meanIntervalSec } from "./adapters/metrics/chain-figures.ts";
import type { MetricRegistry } from "./adapters/metrics/metric-registry.ts";
import type { MetricsTelemetry } from "./adapters/metrics/metrics-telemetry.ts";
import type { UndiciTransport } from "./adapters/peers/undici-transport.ts";
import type { LoadSample } from "./adapters/system/load-probe.ts";
import { difficultyOf } from "./core/chain/target.ts";
import { MICROS_PER_SEC, type Micros } from "./core/support/micros.ts";
import type { Host } from "./host/host.ts";
import type { MiningControl } from "./ports/mining-control.ts";

export interface GaugeParts {
  readonly version: string;
  readonly host: Host;
  readonly mining: MiningControl;
  readonly transport: UndiciTransport;
  readonly metrics: MetricRegistry;
  readonly counts: MetricsTelemetry;
  /** Of discovery. */
  readonly knownCounts: () => { readonly listed: number; readonly tried: number };
  readonly nowUs: () => Micros;
}

/** Writes what stands in a node now into its gauges: done when they are read, so that it costs nothing in between. */
export class NodeGauges {
  readonly #parts: GaugeParts;
  /** Of what was sent, already in the counters. */
  #countedMessages = 0;
  #countedBytes = 0;

  constructor(parts: GaugeParts) {
    this.#parts = parts;
    const { metrics, host, version } = parts;
    const { seal, name: chain, difficultyRule: rule } = host.machine.tree.parameters;
    metrics.set("forklab_node_info", 1, { version, seal, chain });
    if (rule.kind !== "fixed")
      metrics.set("forklab_block_interval_target_seconds", rule.blockIntervalMs / 1_000);
  }

  /** `hashesPerSecAchieved` and `load` are those of the last sample; null before the first. */
  update(hashesPerSecAchieved: number | null, load: LoadSample | null): void {
    this.#updateMining(hashesPerSecAchieved);
    this.#updateChain();
    this.#updateTraffic();
    this.#updateDiscovery();
    if (load === null) return;
    const { metrics } = this.#parts;
    metrics.set("forklab_event_loop_lag_seconds", load.eventLoopLagMsP50 / 1_000, { quantile: "0.5" });
    metrics.set("forklab_event_loop_lag_seconds", load.eventLoopLagMsP99 / 1_000, { quantile: "0.99" });
  }

  #updateMining(hashesPerSecAchieved: number | null): void {
    const { mining, metrics } = this.#parts;
    const asked = mining.mode === "demand" ? 0 : mining.hashesPerSecAsked;
    metrics.set("forklab_hash_rate_hashes_per_second", asked, { kind: "asked" });
    if (hashesPerSecAchieved !== null)
      metrics.set("forklab_hash_rate_hashes_per_second", hashesPerSecAchieved, { kind: "achieved" });
  }

  #updateChain(): void {
    const { host, metrics, counts, nowUs } = this.#parts;
    const { tip, target, mempool, unfinished } = host.machine;
    const { height, timeMs, compactTarget } = tip.header;
    metrics.set("forklab_chain_height_blocks", height);
    metrics.set("forklab_chain_work_hashes", Number(tip.chainWork));
    metrics.set("forklab_tip_age_seconds", nowUs() / MICROS_PER_SEC - timeMs / 1_000);
    metrics.set("forklab_tip_fingerprint", fingerprintOf(tip.hash));
    metrics.set("forklab_difficulty_bits", difficultyOf(compactTarget));
    const intervalSec = meanIntervalSec(tip);
    if (intervalSec !== null) metrics.set("forklab_block_interval_seconds", intervalSec);
    for (const [index, { height: at, hash }] of checkpointsOf(tip).entries()) {
      const age = String(index);
      metrics.set("forklab_checkpoint_height_blocks", at, { age });
      metrics.set("forklab_checkpoint_fingerprint", fingerprintOf(hash), { age });
    }
    metrics.set("forklab_stale_blocks", counts.heldCount - height);
    metrics.set("forklab_mempool_transactions", mempool.count);
    metrics.set("forklab_mempool_bytes", mempool.bytes);
    metrics.set("forklab_sync_behind_blocks", Math.max(0, target.header.height - height));
    metrics.set("forklab_sync_bodies", unfinished.inFlightCount, { state: "asked" });
    metrics.set("forklab_sync_bodies", unfinished.waitingCount, { state: "waiting" });
    metrics.set("forklab_storage_missing_blocks", host.machine.lostCount);
  }

  #updateTraffic(): void {
    const { transport, metrics } = this.#parts;
    metrics.add("forklab_messages_sent_total", transport.sentMessages - this.#countedMessages);
    metrics.add("forklab_message_bytes_sent_total", transport.sentBytes - this.#countedBytes);
    this.#countedMessages = transport.sentMessages;
    this.#countedBytes = transport.sentBytes;
    const up = transport.upCount;
    metrics.set("forklab_peers", up, { state: "up" });
    metrics.set("forklab_peers", transport.list().length - up, { state: "down" });
  }

  #updateDiscovery(): void {
    const { metrics, knownCounts } = this.#parts;
    const { listed, tried } = knownCounts();
    metrics.set("forklab_known_nodes", listed, { state: "listed" });
    metrics.set("forklab_known_nodes", tried, { state: "tried" });
  }
}

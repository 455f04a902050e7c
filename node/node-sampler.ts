import type { EventRing } from "./adapters/events/event-ring.ts";
import type { MetricRegistry } from "./adapters/metrics/metric-registry.ts";
import type { MetricsTelemetry } from "./adapters/metrics/metrics-telemetry.ts";
import type { UndiciTransport } from "./adapters/peers/undici-transport.ts";
import { LoadProbe, type LoadSample } from "./adapters/system/load-probe.ts";
import { issuedCoins } from "./core/rules/genesis.ts";
import type { BlockEntry } from "./core/state/block-entry.ts";
import { totalCoins } from "./core/state/ledger.ts";
import { MICROS_PER_SEC, type Micros } from "./core/support/micros.ts";
import type { DamageLog } from "./damage-log.ts";
import type { Host } from "./host/host.ts";
import { type GaugeParts, NodeGauges } from "./node-gauges.ts";
import type { MiningControl } from "./ports/mining-control.ts";

/** How often a node says how it stands, ms. */
const SAMPLE_INTERVAL_MS = 1_000;

/** Of this program; a run's manifest records it. */
const NODE_VERSION = "0.1.0";

export interface SamplerParts {
  readonly name: string;
  readonly host: Host;
  readonly mining: MiningControl;
  readonly transport: UndiciTransport;
  readonly metrics: MetricRegistry;
  readonly counts: MetricsTelemetry;
  readonly feed: EventRing;
  readonly knownCounts: GaugeParts["knownCounts"];
  readonly damages: DamageLog;
  readonly nowUs: () => Micros;
}

/** Looks at the node once a second: for the events, for `GET /status`, and for the gauges when they are read. */
export class NodeSampler {
  readonly #parts: SamplerParts;
  readonly #gauges: NodeGauges;
  readonly #load = new LoadProbe();
  readonly #startedUs: Micros;
  #timer: NodeJS.Timeout | null = null;
  #lastUs: Micros;
  #lastTried = 0;
  #lastSample: LoadSample | null = null;
  #achieved: number | null = null;
  /** Counting all balances looks at every account, so it is done once for each tip that somebody asks about. */
  #coins: { readonly tip: BlockEntry; readonly sum: bigint } | null = null;

  constructor(parts: SamplerParts) {
    this.#parts = parts;
    this.#gauges = new NodeGauges({ ...parts, version: NODE_VERSION });
    this.#startedUs = parts.nowUs();
    this.#lastUs = this.#startedUs;
  }

  start(): void {
    this.#timer = setInterval(() => this.#sample(), SAMPLE_INTERVAL_MS);
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#load.close();
  }

  status() {
    const { name, host, mining, transport, damages } = this.#parts;
    const { tip, tree, mempool } = host.machine;
    const peers = transport.list();
    return {
      name,
      version: NODE_VERSION,
      genesis: tree.genesis.hash,
      chain: {
        name: tree.parameters.name,
        seal: tree.parameters.seal,
        blockReward: tree.parameters.blockReward.toString(),
      },
      height: tip.header.height,
      tip: tip.hash,
      work: tip.chainWork.toString(),
      mempool: { count: mempool.count, bytes: mempool.bytes },
      peers: { count: peers.length, up: transport.upCount },
      storage: { damagedCount: damages.damagedCount, missingCount: host.machine.lostCount },
      mining: {
        mode: mining.mode,
        hashesPerSecAsked: mining.hashesPerSecAsked,
        hashesPerSecAchieved: this.#achieved,
      },
      eventLoopLagMs: {
        p50: this.#lastSample?.eventLoopLagMsP50 ?? null,
        p99: this.#lastSample?.eventLoopLagMsP99 ?? null,
      },
      uptimeSec: (this.#parts.nowUs() - this.#startedUs) / MICROS_PER_SEC,
      minerAccount: host.minerAccount,
      coins: this.#totalCoins().toString(),
      coinsExpected: issuedCoins(tree.parameters, tip.header.height).toString(),
    };
  }

  /** Brings the gauges up to date, when they are read. */
  updateGauges(): void {
    this.#gauges.update(this.#achieved, this.#lastSample);
  }

  #sample(): void {
    const { host, mining, transport, feed } = this.#parts;
    const { tip, mempool } = host.machine;
    const nowUs = this.#parts.nowUs();
    const tried = mining.hashesTried();
    const load = this.#load.sample();
    this.#achieved = ((tried - this.#lastTried) * MICROS_PER_SEC) / Math.max(1, nowUs - this.#lastUs);
    this.#lastTried = tried;
    this.#lastUs = nowUs;
    this.#lastSample = load;
    feed.add("node-sampled", {
      atUs: nowUs,
      height: tip.header.height,
      tipHash: tip.hash,
      mempoolCount: mempool.count,
      mempoolBytes: mempool.bytes,
      peerCount: transport.upCount,
      hashesPerSecAsked: mining.mode === "continuous" ? mining.hashesPerSecAsked : 0,
      hashesPerSecAchieved: this.#achieved,
      eventLoopLagMsP99: load.eventLoopLagMsP99,
      eventLoopLagCounts: load.eventLoopLagCounts,
      residentBytes: load.residentBytes,
      cpuRatio: load.cpuRatio,
      sentMessages: transport.sentMessages,
      sentBytes: transport.sentBytes,
    });
  }

  #totalCoins(): bigint {
    const { tip, tree } = this.#parts.host.machine;
    if (this.#coins?.tip !== tip) this.#coins = { tip, sum: totalCoins(tree.ledgerAfter(tip)) };
    return this.#coins.sum;
  }
}

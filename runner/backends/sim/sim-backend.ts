import { NodeCrypto, signerFromSeed } from "../../../node/adapters/node-crypto.ts";
import type { Hex, Transaction } from "../../../node/core/chain/types.ts";
import { makeTransactionFacts } from "../../../node/core/rules/check-transaction.ts";
import { issuedCoins } from "../../../node/core/rules/genesis.ts";
import { totalCoins } from "../../../node/core/state/ledger.ts";
import { invariant } from "../../../node/core/support/invariant.ts";
import { MICROS_PER_SEC, type Micros } from "../../../node/core/support/micros.ts";
import { EVERY_FAULT_WORD } from "../../faults/fault-words.ts";
import { AccountKeys } from "../../load/account-keys.ts";
import { resolveChain } from "../../load/resolve-chain.ts";
import type { Fault } from "../../plan.ts";
import type {
  Backend,
  BackendContext,
  FaultOutcome,
  NetworkSnapshot,
  NodeEnd,
  StartOutcome,
  SubmitAnswer,
} from "../backend.ts";
import { SimFaults } from "./sim-faults.ts";
import { FORGETFUL_STORE, SimStore } from "./sim-store.ts";
import { simTelemetry } from "./sim-telemetry.ts";
import { Simulation } from "./simulation.ts";

/** Rows that samples may fill: enough for a smooth curve of a small network, bounded for a large one. */
const SAMPLE_ROWS_MAX = 50_000;

/** Of each simulated node; the default of a live one. */
const MEMPOOL_BYTES_MAX = 32_000_000;

/** Above this many nodes a miner's account is a number, not a key: nobody spends from it, and a key takes 0.1 ms. */
const KEYED_NODES_MAX = 1_000;

/** Runs a plan in virtual time, in this process: the same hosts as live, behind simulated ports. */
export function createSimBackend(context: BackendContext): Backend {
  return new SimBackend(context);
}

class SimBackend implements Backend {
  readonly name = "sim";
  readonly clock = "virtual";
  readonly faultWords = EVERY_FAULT_WORD;
  readonly keys: AccountKeys;
  readonly #context: BackendContext;
  readonly #store: SimStore;
  readonly #simulation: Simulation;
  readonly #faults: SimFaults;
  readonly #sampleEveryUs: Micros;
  #nextSampleUs: Micros;

  constructor(context: BackendContext) {
    const { plan } = context;
    this.#context = context;
    this.keys = new AccountKeys(plan.accounts);
    this.#store = new SimStore(plan.nodes.length);
    const restarts = plan.timeline.some(({ fault }) => fault.word === "restart");
    this.#simulation = new Simulation(plan, {
      chain: resolveChain(plan, this.keys, { sealByDefault: "drawn", genesisTimeMs: 0 }),
      functions: treeFunctions(),
      telemetry: simTelemetry(context.emit),
      store: restarts ? this.#store : FORGETFUL_STORE,
      minerAccounts: minerAccounts(plan.seed, plan.nodes.length),
      mempoolBytesMax: MEMPOOL_BYTES_MAX,
    });
    this.#faults = new SimFaults(this.#simulation, this.#store, plan);
    const rows = (plan.durationUs / MICROS_PER_SEC) * plan.nodes.length;
    this.#sampleEveryUs = Math.ceil(Math.max(1, rows / SAMPLE_ROWS_MAX)) * MICROS_PER_SEC;
    this.#nextSampleUs = this.#sampleEveryUs;
  }

  async start(): Promise<StartOutcome> {
    const { plan, emit } = this.#context;
    if (this.#simulation.tree.parameters.seal !== "drawn")
      return {
        ok: false,
        reason:
          "chain.seal is hash: the simulator draws blocks and hashes none; leave seal out, or use drawn",
      };
    for (const { index } of plan.nodes)
      emit({ type: "node-changed", atUs: 0, node: index, state: "started" });
    return { ok: true, genesisHash: this.#simulation.tree.genesis.hash };
  }

  async runUntil(atUs: Micros, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    while (this.#nextSampleUs <= atUs) {
      this.#simulation.runUntil(this.#nextSampleUs);
      this.#sample();
      this.#nextSampleUs += this.#sampleEveryUs;
    }
    this.#simulation.runUntil(atUs);
  }

  nowUs(): Micros {
    return this.#simulation.nowUs;
  }

  async apply(fault: Fault): Promise<FaultOutcome> {
    const appliedAtUs = this.nowUs();
    const effect = this.#faults.apply(fault);
    this.#tellNodeChanges(fault);
    return { applied: true, appliedAtUs, ...effect };
  }

  submit(node: number, tx: Transaction, onAnswer: (answer: SubmitAnswer) => void): void {
    if (!this.#answers(node)) {
      onAnswer({ outcome: "unknown", code: "no-answer" });
      return;
    }
    const facts = makeTransactionFacts(tx, this.#simulation.tree.transactionContext);
    const violation = this.#simulation.submit(node, facts);
    onAnswer(
      violation === null ? { outcome: "accepted", code: "" } : { outcome: "refused", code: violation.code },
    );
  }

  askSequence(node: number, account: Hex, onAnswer: (nextSequence: number | null) => void): void {
    onAnswer(this.#answers(node) ? this.#simulation.host(node).nextSequenceOf(account) : null);
  }

  snapshot(): NetworkSnapshot {
    const { hosts, transport } = this.#simulation;
    const machines = hosts.filter(({ view }) => transport.up[view] === 1).map((host) => host.machine);
    const heights = machines.map(({ tip }) => tip.header.height);
    const mempools = machines.map(({ mempool }) => mempool.count);
    return {
      heightMin: heights.length === 0 ? null : heights.reduce((a, b) => Math.min(a, b)),
      heightMax: heights.length === 0 ? null : heights.reduce((a, b) => Math.max(a, b)),
      tipCount: new Set(machines.map(({ tip }) => tip.hash)).size,
      mempoolCountMax: mempools.length === 0 ? null : mempools.reduce((a, b) => Math.max(a, b)),
      nodesUp: machines.length,
    };
  }

  async stop(): Promise<NodeEnd[]> {
    return this.#simulation.hosts.map((host) => this.#endOf(host.view));
  }

  /** Whether a node would answer a user now: it runs and does not stand still. */
  #answers(node: number): boolean {
    return this.#simulation.transport.up[node] === 1 && !this.#simulation.isPaused(node);
  }

  #tellNodeChanges(fault: Fault): void {
    const states = { crash: "crashed", restart: "started", pause: "paused", resume: "resumed" } as const;
    if (!(fault.word in states) || !("nodes" in fault)) return;
    const state = states[fault.word as keyof typeof states];
    for (const node of fault.nodes)
      this.#context.emit({ type: "node-changed", atUs: this.nowUs(), node, state });
  }

  #sample(): void {
    for (const { view } of this.#simulation.hosts) {
      const { transport, links, miner } = this.#simulation;
      const isUp = transport.up[view] === 1;
      const { machine } = this.#simulation.host(view);
      const asked = miner.hashesPerSec[view] as number;
      this.#context.emit({
        type: "node-sampled",
        atUs: this.nowUs(),
        node: view,
        height: isUp ? machine.tip.header.height : null,
        tipHash: isUp ? machine.tip.hash : null,
        mempoolCount: isUp ? machine.mempool.count : null,
        mempoolBytes: isUp ? machine.mempool.bytes : null,
        peerCount: isUp ? links.linkCount(view) : null,
        hashesPerSecAsked: asked,
        hashesPerSecAchieved: this.#answers(view) ? asked : 0,
        eventLoopLagMsP99: null,
        residentBytes: null,
        cpuRatio: null,
        sentMessages: transport.sentMessages[view] as number,
        sentBytes: transport.sentBytes[view] as number,
      });
    }
  }

  #endOf(node: number): NodeEnd {
    const { transport, tree } = this.#simulation;
    const down = { tipHash: null, height: null, coins: null, coinsExpected: null };
    if (transport.up[node] === 0) return { node, up: false, ...down, failure: null };
    const { tip } = this.#simulation.host(node).machine;
    const { height } = tip.header;
    return {
      node,
      up: true,
      tipHash: tip.hash,
      height,
      coins: this.#coinsAfter(tip.hash),
      coinsExpected: issuedCoins(tree.parameters, height),
      failure: null,
    };
  }

  /** Nodes on one tip share its ledger, so its coins are counted once. */
  readonly #coins = new Map<Hex, bigint>();

  #coinsAfter(hash: Hex): bigint {
    const known = this.#coins.get(hash);
    if (known !== undefined) return known;
    const block = this.#simulation.tree.get(hash);
    invariant(block !== null, `a tip ${hash} that is not in the tree`);
    const coins = totalCoins(this.#simulation.tree.ledgerAfter(block));
    this.#coins.set(hash, coins);
    return coins;
  }
}

function minerAccounts(seed: string, nodeCount: number): Hex[] {
  const isKeyed = nodeCount <= KEYED_NODES_MAX;
  return Array.from({ length: nodeCount }, (_, node) =>
    isKeyed ? signerFromSeed(`${seed}/node-${node} miner`).publicKey : node.toString(16).padStart(64, "0"),
  );
}

/** Bound, because the tree takes the functions out of the object that they belong to. */
function treeFunctions() {
  const crypto = new NodeCrypto();
  return {
    sha256: (bytes: Uint8Array) => crypto.sha256(bytes),
    verify: (publicKey: Hex, message: Uint8Array, signature: Hex) =>
      crypto.verify(publicKey, message, signature),
  };
}

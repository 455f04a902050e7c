import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { signerFromSeed } from "../../../node/adapters/node-crypto.ts";
import type { Hex, Transaction } from "../../../node/core/chain/types.ts";
import { MICROS_PER_SEC, type Micros } from "../../../node/core/support/micros.ts";
import { EVERY_FAULT_WORD } from "../../faults/fault-words.ts";
import { LiveFaults } from "../../faults/live-faults.ts";
import { AccountKeys } from "../../load/account-keys.ts";
import { resolveChain } from "../../load/resolve-chain.ts";
import type { Fault } from "../../plan.ts";
import type { RunEvent } from "../../record/run-event.ts";
import type {
  Backend,
  BackendContext,
  FaultOutcome,
  NetworkSnapshot,
  NodeEnd,
  StartOutcome,
  SubmitAnswer,
} from "../backend.ts";
import { type NodeEvent, toRunEvent } from "./decode-event.ts";
import { finalStates } from "./final-states.ts";
import { LinkPlan } from "./link-plan.ts";
import { LiveNode, minerKeySeed } from "./live-node.ts";
import type { LiveSystem } from "./live-system.ts";
import { MinedLedger, minedEventOf } from "./mined-ledger.ts";
import { bigintsAsText, NodeRequestError } from "./node-client.ts";
import type { LifeEnd } from "./node-life.ts";
import { RunClock } from "./run-clock.ts";
import { startNodes } from "./start-nodes.ts";
import { warmUp } from "./warm-up.ts";

/** From SIGTERM to SIGKILL: a node promises to end within it. */
const END_GRACE_MS = 2_000;

/** How long the end of a run waits for answers that are under way; each has a shorter deadline of its own. */
const ANSWERS_TIMEOUT_MS = 10_000;

/** How often a node tells of itself. */
const SAMPLE_INTERVAL_US: Micros = MICROS_PER_SEC;

/**
 * Real nodes, each living somewhere in a system of its own, asked and told over HTTP as an operator would. What is the same wherever they live
 * is here: the run's clock, their events, faults, load, and how it all ends.
 */
export class LiveBackend implements Backend {
  readonly name: LiveSystem["name"];
  readonly clock = "real";
  readonly faultWords = EVERY_FAULT_WORD;
  readonly keys: AccountKeys;
  readonly #context: BackendContext;
  readonly #runClock = new RunClock();
  readonly #system: LiveSystem;
  readonly #links: LinkPlan;
  readonly #nodes: LiveNode[];
  readonly #faults: LiveFaults;
  readonly #ending = new AbortController();
  readonly #ledger = new MinedLedger();
  /** Answers and faults under way. */
  readonly #underWay = new Set<Promise<unknown>>();
  #isJournalOpen = false;
  #stopped: Promise<NodeEnd[]> | null = null;

  constructor(context: BackendContext, system: LiveSystem) {
    const { plan, folder } = context;
    this.#context = context;
    this.#system = system;
    this.name = system.name;
    this.keys = new AccountKeys(plan.accounts);
    this.#links = new LinkPlan(plan, system.cuts);
    const controlToken = randomBytes(24).toString("hex");
    this.#nodes = plan.nodes.map((planned) => {
      const node: LiveNode = new LiveNode(planned, {
        plan,
        folder,
        controlToken,
        onEvent: (event) => this.#told(node, event),
        onDeath: (end) => this.#died(node, end),
      });
      return node;
    });
    this.#faults = new LiveFaults({
      plan,
      nodes: this.#nodes,
      links: this.#links,
      cuts: system.cuts,
      shaping: system.shaping,
      nowUs: () => this.nowUs(),
      emit: (event) => this.#emit(event),
      restart: (node) => this.#restart(node),
      ending: this.#ending.signal,
    });
  }

  async start(signal: AbortSignal): Promise<StartOutcome> {
    const { plan, folder } = this.#context;
    await mkdir(join(folder, "nodes"), { recursive: true });
    await mkdir(join(folder, "logs"), { recursive: true });
    // A second early, so that no block is older than genesis whatever the clocks say.
    const genesisTimeMs = Date.now() - 1_000;
    const chain = resolveChain(plan, this.keys, { sealByDefault: "hash", genesisTimeMs });
    const chainFile = {
      path: join(folder, "nodes", "chain.json"),
      json: JSON.stringify(chain, bigintsAsText, 2),
    };
    await writeFile(chainFile.path, chainFile.json);
    const problem = (await this.#system.open(chainFile)) ?? (await this.#startNodes(signal));
    if (problem !== null) return { ok: false, reason: problem };
    const [first] = this.#nodes;
    if (first?.genesisHash == null) return { ok: false, reason: "the plan has no node" };
    try {
      await warmUp(this.#nodes, chain.seal, signal);
      this.#runClock.start();
      this.#isJournalOpen = true;
      for (const { index } of plan.nodes)
        this.#emit({ type: "node-changed", atUs: 0, node: index, state: "started" });
      await Promise.all(this.#nodes.map((node) => node.client.putMining(node.hashesPerSec)));
    } catch (error) {
      if (!(error instanceof NodeRequestError)) throw error;
      return { ok: false, reason: `a node would not start mining: ${error.message}` };
    }
    return { ok: true, genesisHash: first.genesisHash };
  }

  async #startNodes(signal: AbortSignal): Promise<string | null> {
    const { place } = this.#system;
    const { edges } = this.#context.plan;
    return await startNodes({ nodes: this.#nodes, links: this.#links, edges, place, signal });
  }

  async runUntil(atUs: Micros, signal: AbortSignal): Promise<void> {
    await this.#runClock.until(atUs, signal);
  }

  nowUs(): Micros {
    return this.#runClock.nowUs();
  }

  apply(fault: Fault): Promise<FaultOutcome> {
    return this.#await(this.#faults.apply(fault));
  }

  submit(node: number, tx: Transaction, onAnswer: (answer: SubmitAnswer) => void): void {
    this.#await(this.#submitTo(this.#nodes[node], tx).then(onAnswer));
  }

  askSequence(node: number, account: Hex, onAnswer: (nextSequence: number | null) => void): void {
    const live = this.#nodes[node];
    const asked = live?.state === "up" ? live.client.askSequence(account) : Promise.resolve(null);
    this.#await(asked.then(onAnswer));
  }

  metricsTargets(): readonly string[] {
    return this.#nodes.flatMap(({ life }) => (life === null ? [] : [new URL(life.url).host]));
  }

  snapshot(): NetworkSnapshot {
    const up = this.#nodes.filter((node) => node.state === "up");
    const heights = up.map((node) => node.heard.height);
    const mempools = up.flatMap((node) => node.heard.mempoolCount ?? []);
    return {
      heightMin: heights.length === 0 ? null : Math.min(...heights),
      heightMax: heights.length === 0 ? null : Math.max(...heights),
      tipCount: new Set(up.map((node) => node.heard.tipHash)).size,
      mempoolCountMax: mempools.length === 0 ? null : Math.max(...mempools),
      nodesUp: up.length,
    };
  }

  stop(): Promise<NodeEnd[]> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<NodeEnd[]> {
    this.#ending.abort();
    let ends: NodeEnd[] = [];
    if (this.#isJournalOpen) {
      // Nothing is mined any more, so that the nodes come to rest where the journal leaves them.
      await Promise.all(this.#nodes.map((node) => this.#stopMining(node)));
      await Promise.race([Promise.allSettled(this.#underWay), setTimeout(ANSWERS_TIMEOUT_MS)]);
      ends = await finalStates(this.#nodes);
      await this.#fetchUnheard();
    }
    this.#isJournalOpen = false;
    await Promise.all(this.#nodes.map((node) => node.end(END_GRACE_MS)));
    const leftOver = await this.#system.close();
    return leftOver === null ? ends : ends.map((end) => ({ ...end, failure: end.failure ?? leftOver }));
  }

  async #stopMining(node: LiveNode): Promise<void> {
    if (node.state !== "up") return;
    try {
      await node.client.putMining(0);
    } catch (error) {
      if (!(error instanceof NodeRequestError)) throw error;
      // It goes on mining, and is then found at another tip than the journal's, which is told.
      node.failure ??= `at the end of the run it would not stop mining: ${error.message}`;
    }
  }

  async #submitTo(node: LiveNode | undefined, tx: Transaction): Promise<SubmitAnswer> {
    // A definite refusal of ours: what the runner knows to be down is not asked, and nothing was sent.
    if (node === undefined || node.state !== "up")
      return { outcome: "refused", code: `node-${node?.state ?? "down"}` };
    return await node.client.submit(tx);
  }

  async #restart(node: LiveNode): Promise<string | null> {
    const conditions = this.#links.conditionsOf(node.index);
    const peers = this.#links.peersOf(node.index).flatMap((peer) => this.#nodes[peer]?.life?.peerUrl ?? []);
    const { place } = this.#system;
    return await node.start(conditions, { place, peers, isMining: true, signal: this.#ending.signal });
  }

  /** Samples of a second that began before the run or ended after it are left out: in part of it the node was not mining. */
  #told(node: LiveNode, told: NodeEvent): void {
    const event = toRunEvent(told, node.index, this.#runClock.startEpochUs);
    if (told.type === "node-sampled") {
      if (event.atUs < SAMPLE_INTERVAL_US || this.#ending.signal.aborted || !this.#isJournalOpen) return;
      node.eventLoop.hear(told.eventLoopLagCounts);
    }
    this.#emit(event);
  }

  #emit(event: RunEvent): void {
    if (!this.#isJournalOpen) return;
    this.#ledger.hear(event);
    this.#context.emit(event);
  }

  #died(node: LiveNode, end: LifeEnd): void {
    const what = `the ${this.#system.place.noun} ${end.text}`;
    node.failure ??= what;
    this.#emit({ type: "node-changed", atUs: this.nowUs(), node: node.index, state: "crashed" });
    void node.lastWords().then((words) => {
      node.failure = `${what}, unasked; its last words: ${words} (${node.logFile})`;
    });
  }

  /** Blocks whose miner was killed before it could tell of them. */
  async #fetchUnheard(): Promise<void> {
    const miners = new Map(
      this.#nodes.map(({ index }) => [
        signerFromSeed(minerKeySeed(this.#context.plan, index)).publicKey,
        index,
      ]),
    );
    for (const [hash, holder] of this.#ledger.unheard()) {
      const block = await this.#fetchBlock(hash, holder);
      const miner = block === null ? undefined : miners.get(block.miner);
      if (block !== null && miner !== undefined)
        this.#emit(minedEventOf(block, miner, this.#runClock.startEpochUs));
    }
  }

  /** From whoever held it, or any other that does. Null when nobody can say: the journal then has a hole, and its check says so. */
  async #fetchBlock(hash: Hex, holder: number) {
    const others = this.#nodes.filter((node) => node.index !== holder);
    for (const node of [this.#nodes[holder], ...others]) {
      if (node?.state !== "up") continue;
      try {
        return await node.client.block(hash);
      } catch (error) {
        if (!(error instanceof NodeRequestError)) throw error;
      }
    }
    return null;
  }

  #await<T>(job: Promise<T>): Promise<T> {
    this.#underWay.add(job);
    // A mistake of ours in an answer's handling stays unhandled, and thus ends the runner.
    void job.finally(() => this.#underWay.delete(job));
    return job;
  }
}

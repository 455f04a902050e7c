import type { Hex, Transaction } from "../../node/core/chain/types.ts";
import type { Micros } from "../../node/core/support/micros.ts";
import type { AccountKeys } from "../load/account-keys.ts";
import type { Fault, RunPlan } from "../plan.ts";
import type { RunEvent } from "../record/run-event.ts";
import type { LagCounts } from "./lag-counts.ts";

/**
 * A place where a plan can run, in the words node, link and fault. Whatever happens there is reported as `RunEvent`s in the order in which the
 * backend hears of it; what the driver itself does (submissions, their answers, faults) the driver reports.
 * The driver calls one method at a time and in the order of the plan's times.
 */
export interface Backend {
  readonly name: BackendName;
  /**
   * `virtual`: time stands still between two calls of `runUntil`, and every answer comes before the call that asked for it returns.
   * `real`: time goes on by itself, and answers come later.
   */
  readonly clock: "virtual" | "real";
  /** Words of the timeline that this backend can carry out; the driver refuses others before anything starts. */
  readonly faultWords: ReadonlySet<Fault["word"]>;
  /** With these the load signs; genesis gives their accounts the balances of the plan. */
  readonly keys: AccountKeys;
  /** Brings all nodes up, linked and mining; resolves at the moment that is the run's time 0. Gives up when aborted. */
  start(signal: AbortSignal): Promise<StartOutcome>;
  /** Lets the run go on until this time. Simulated: runs the events up to it. Live: waits. Rejects only when aborted. */
  runUntil(atUs: Micros, signal: AbortSignal): Promise<void>;
  nowUs(): Micros;
  /**
   * Carries out a line of the timeline and looks whether it took effect. Live, the driver goes on meanwhile: faults that concern one node
   * are carried out in the order of the calls, others at once. Never rejects.
   */
  apply(fault: Fault): Promise<FaultOutcome>;
  /**
   * Hands a signed transaction to a node. `onAnswer` is called exactly once, within a bounded time: with a virtual clock before this
   * returns, with a real one after it.
   */
  submit(node: number, tx: Transaction, onAnswer: (answer: SubmitAnswer) => void): void;
  /** Asks a node which sequence number this account's next transaction needs, after what waits in its mempool; null when it cannot say. Called back as `submit` is. */
  askSequence(node: number, account: Hex, onAnswer: (nextSequence: number | null) => void): void;
  /** Where real nodes that are up serve their metrics, as host:port for whoever runs beside the runner. Simulated ones serve none. */
  metricsTargets?(): readonly string[];
  /** Starts a Prometheus beside the run, where the backend can, with these files by name, `prometheus.yml` among them. It goes with the run. */
  startPrometheus?(files: Readonly<Record<string, string>>, signal: AbortSignal): Promise<PrometheusStart>;
  /** For the progress line; cheap. Null where a live node has not answered yet. */
  snapshot(): NetworkSnapshot;
  /** Ends the run: waits for answers that are under way (bounded), stops what was started, leaves nothing behind. Safe to call twice, and after a failed start. */
  stop(): Promise<NodeEnd[]>;
}

export type BackendName = "sim" | "processes" | "docker";

export type PrometheusStart =
  | { readonly ok: true; readonly url: string }
  | { readonly ok: false; readonly reason: string };

/** What every backend is made from. Events go to `emit`, in order. */
export interface BackendContext {
  readonly plan: RunPlan;
  readonly emit: (event: RunEvent) => void;
  /** An existing folder for logs and the nodes' data. */
  readonly folder: string;
}

/** `genesisHash`: what the load signs its transactions for. */
export type StartOutcome =
  | { readonly ok: true; readonly genesisHash: Hex }
  | { readonly ok: false; readonly reason: string };

/** `unknown`: nothing that can be trusted came back, so the node may or may not have taken it. `code` is empty when accepted. */
export interface SubmitAnswer {
  readonly outcome: "accepted" | "refused" | "unknown";
  readonly code: string;
}

/** `probed`: whether a probe saw the fault at work; null when there is nothing to probe. `evidence` says what it saw. */
export interface FaultOutcome {
  readonly applied: boolean;
  /** When the last node concerned had carried it out (or failed to). */
  readonly appliedAtUs: Micros;
  readonly probed: boolean | null;
  readonly evidence: string;
}

export interface NetworkSnapshot {
  readonly heightMin: number | null;
  readonly heightMax: number | null;
  /** Different tips of the nodes that are up. */
  readonly tipCount: number;
  readonly mempoolCountMax: number | null;
  readonly nodesUp: number;
}

/** How late a node's event loop got to what fell due, every 20 ms, while the run lasted. */
export interface EventLoopRecord {
  /** Over whole seconds of the run, those left out in which the node stood still on purpose. */
  readonly lagCounts: LagCounts;
  /** Whether it had been without lag for a second when the run began. */
  readonly wasCalmAtStart: boolean;
}

/** How a node stood when the run ended; nulls when it was down. */
export interface NodeEnd {
  readonly node: number;
  readonly up: boolean;
  readonly tipHash: string | null;
  readonly height: number | null;
  /** Sum of all balances after the tip, and what genesis and rewards should have made of it. */
  readonly coins: bigint | null;
  readonly coinsExpected: bigint | null;
  /** Deepest fact that a verdict needs and no event holds: an unexpected end, with its reason. */
  readonly failure: string | null;
  /** Left out where nodes have no event loop of their own. */
  readonly eventLoop?: EventLoopRecord;
}

import type { Hex } from "../../node/core/chain/types.ts";
import type { Micros } from "../../node/core/support/micros.ts";

/**
 * One thing that happened in a run, the same on every backend. `atUs` counts from the start of the run (a live
 * backend subtracts it from the nodes' clocks); `node` is the node's index. The journal of a run is these events in
 * the order of `atUs`, then of arrival; every table and figure is computed from it and from nothing else.
 */
export type RunEvent =
  | BlockMined
  | BlockReceived
  | BlockRefused
  | TipChanged
  | TransactionSubmitted
  | TransactionSettled
  | NodeChanged
  | NodeSampled
  | FaultApplied;

/** A node sealed a block of its own. `transactionIds` without the coinbase, in the order of the block. */
export interface BlockMined {
  readonly type: "block-mined";
  readonly atUs: Micros;
  readonly node: number;
  readonly hash: Hex;
  readonly parentHash: Hex;
  readonly height: number;
  readonly timeMs: number;
  /** Expected number of hashes for a block of this target. */
  readonly work: bigint;
  readonly sizeBytes: number;
  readonly transactionIds: readonly Hex[];
}

/** A node holds a block of another's for the first time, valid and connected to genesis. */
export interface BlockReceived {
  readonly type: "block-received";
  readonly atUs: Micros;
  readonly node: number;
  readonly hash: Hex;
}

/** A node refused a block that breaks a rule. */
export interface BlockRefused {
  readonly type: "block-refused";
  readonly atUs: Micros;
  readonly node: number;
  readonly hash: Hex;
  readonly code: string;
}

/** A node's best chain has a new tip. `disconnected` is the depth of the reorganisation: 0 when the chain only grew. */
export interface TipChanged {
  readonly type: "tip-changed";
  readonly atUs: Micros;
  readonly node: number;
  readonly hash: Hex;
  readonly previousHash: Hex;
  readonly height: number;
  readonly disconnected: number;
  readonly connected: number;
}

/** The load handed a transaction to a node. `plannedAtUs` is when it was due: the difference is the load's lateness. */
export interface TransactionSubmitted {
  readonly type: "transaction-submitted";
  readonly atUs: Micros;
  readonly node: number;
  readonly id: Hex;
  readonly kind: "transfer" | "post";
  readonly fee: bigint;
  readonly plannedAtUs: Micros;
}

/** What the node answered. `unknown`: no answer that can be trusted, so it may or may not have taken it. */
export interface TransactionSettled {
  readonly type: "transaction-settled";
  readonly atUs: Micros;
  readonly node: number;
  readonly id: Hex;
  readonly outcome: "accepted" | "refused" | "unknown";
  /** Code of the violation or failure; empty when accepted. */
  readonly code: string;
}

/** A node came up, went down or stood still. */
export interface NodeChanged {
  readonly type: "node-changed";
  readonly atUs: Micros;
  readonly node: number;
  readonly state: "started" | "stopped" | "crashed" | "paused" | "resumed";
}

/** State of a node at an interval; what a backend cannot know of a node (it is down, or simulated) is null. */
export interface NodeSampled {
  readonly type: "node-sampled";
  readonly atUs: Micros;
  readonly node: number;
  readonly height: number | null;
  readonly tipHash: Hex | null;
  readonly mempoolCount: number | null;
  readonly mempoolBytes: number | null;
  readonly peerCount: number | null;
  /** Asked of the node now, hashes per second. */
  readonly hashesPerSecAsked: number | null;
  /** Hashes tried since the last sample (or expected to have been, where blocks are drawn), per second. */
  readonly hashesPerSecAchieved: number | null;
  readonly eventLoopLagMsP99: number | null;
  readonly residentBytes: number | null;
  readonly cpuRatio: number | null;
  /** Sent to peers since the node started: messages and their bytes on the wire. */
  readonly sentMessages: number | null;
  readonly sentBytes: number | null;
}

/** A line of the timeline was carried out and looked at. */
export interface FaultApplied {
  readonly type: "fault-applied";
  readonly atUs: Micros;
  /** Index in the timeline. */
  readonly fault: number;
  readonly word: string;
  readonly description: string;
  readonly plannedAtUs: Micros;
  readonly appliedAtUs: Micros;
  /** Whether a probe saw the fault at work; null: it leaves nothing to probe, or could not be measured. */
  readonly probed: boolean | null;
  /** What the probe saw, in words. */
  readonly evidence: string;
}

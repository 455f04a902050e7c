import type { ChainParameters } from "../node/core/rules/parameters.ts";
import type { Micros } from "../node/core/support/micros.ts";
import type { LatencyModel } from "../node/link/latency.ts";

/**
 * A scenario made exact: every name resolved, every random choice that does not depend on the run drawn from the seed.
 * The same plan goes to every backend. Node indices count from 0; times from the start of the run.
 */
export interface RunPlan {
  readonly name: string;
  readonly seed: string;
  readonly durationUs: Micros;
  /** Left out of the rates at the start of the run. */
  readonly warmUpUs: Micros;
  readonly nodes: readonly PlannedNode[];
  /** Undirected; `a < b`, each pair once, ordered by `a`, then `b`. */
  readonly edges: readonly PlannedEdge[];
  /** Of each node's sending side, bits per second; null is unlimited. */
  readonly uplinkBitsPerSec: number | null;
  /** Share of packets lost on every link; 0 to below 1. */
  readonly lossRatio: number;
  /** Added to the size of each block on every link, so that large blocks can be studied without their transactions. */
  readonly blockPaddingBytes: number;
  /** Who delays, loses and paces packets: the sending node, or the kernel below it. */
  readonly enforce: "node" | "kernel";
  /** Complete but for what the backend decides: `seal` when the scenario leaves it open, and the time of genesis. */
  readonly chain: PlannedChain;
  readonly relay: "announce" | "push" | "compact";
  readonly confirmations: number;
  /** In the order of `atUs`. */
  readonly load: readonly PlannedTransaction[];
  /** Seeds of the load's accounts; `PlannedTransaction` names them by index. */
  readonly accounts: readonly PlannedAccount[];
  /** In the order of `atUs`, then of the file. */
  readonly timeline: readonly PlannedFault[];
  readonly expectations: readonly Expectation[];
}

export interface PlannedNode {
  readonly index: number;
  /** `node-0`, ... : names the node's random streams, log and folder. */
  readonly name: string;
  /** 0: the node does not mine. Fractions come of shares of a total. */
  readonly hashesPerSec: number;
}

export interface PlannedEdge {
  readonly a: number;
  readonly b: number;
  readonly latency: LatencyModel;
}

export type PlannedChain = Omit<ChainParameters, "seal" | "genesisTimeMs" | "allocations"> & {
  readonly seal: ChainParameters["seal"] | null;
};

export interface PlannedAccount {
  /** The private key is the SHA-256 of this text. */
  readonly keySeed: string;
  /** Coins that genesis gives it. */
  readonly balance: bigint;
  /** Where its owner submits. */
  readonly node: number;
}

/** Sequence numbers are given when it is submitted: a refused transaction uses none up. */
export interface PlannedTransaction {
  readonly atUs: Micros;
  readonly account: number;
  readonly fee: bigint;
  readonly body:
    | { readonly kind: "transfer"; readonly recipient: number; readonly amount: bigint }
    | { readonly kind: "post"; readonly text: string };
}

/** `index` is the line of the timeline it came from; a `for:` makes two or more of one line. */
export interface PlannedFault {
  readonly index: number;
  readonly atUs: Micros;
  /** The line as the scenario says it, for people. */
  readonly description: string;
  readonly fault: Fault;
}

/**
 * `links: null` means every link. A pair is one direction, sender first; both ends are linked by one of `edges`.
 * Cuts add up: `partition` closes more links and opens none. When the `for:` of one line ends while another holds the same
 * link or node, the plan says what is left: no backend has to remember who changed what.
 */
export type Fault =
  | { readonly word: "partition"; readonly cut: readonly (readonly [number, number])[] }
  | { readonly word: "heal"; readonly links: readonly (readonly [number, number])[] | null }
  | {
      readonly word: "latency";
      readonly links: readonly (readonly [number, number])[] | null;
      /** null: each link's own of the plan again. */
      readonly latency: LatencyModel | null;
    }
  | {
      readonly word: "loss";
      readonly links: readonly (readonly [number, number])[] | null;
      readonly ratio: number;
    }
  | { readonly word: "bandwidth"; readonly nodes: readonly number[]; readonly bitsPerSec: number | null }
  | { readonly word: "crash" | "restart" | "pause" | "resume"; readonly nodes: readonly number[] }
  /** Of each of the nodes; null: each node's own of the plan again. */
  | { readonly word: "hashRate"; readonly nodes: readonly number[]; readonly hashesPerSec: number | null };

/**
 * A bound on a figure of the run, as `expect:` says it; both ends included. The names are those of `FIGURES` in
 * `scenario/expect-schema.ts`. Shares are ratios from 0 to 1, counts are counts, durations are microseconds.
 */
export type Expectation =
  | { readonly name: "converged"; readonly withinUs: Micros }
  | { readonly name: string; readonly min: number | null; readonly max: number | null };

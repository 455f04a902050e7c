import { signerFromSeed } from "../../node/adapters/node-crypto.ts";
import { compactFromDifficulty } from "../../node/core/chain/target.ts";
import type { ChainParameters } from "../../node/core/rules/parameters.ts";
import { MICROS_PER_SEC, type Micros } from "../../node/core/support/micros.ts";
import { Prng } from "../../node/core/support/prng.ts";
import type { LatencyModel } from "../../node/link/latency.ts";
import type { Signer } from "../../node/ports/crypto.ts";
import type { SimulatedNetwork } from "../../runner/backends/sim/simulation.ts";
import type { Fault, PlannedEdge } from "../../runner/plan.ts";
import { buildTopology } from "../../runner/topology/build-topology.ts";
import type { TopologySettings } from "../../runner/topology/topology-checks.ts";
import { drawFaults } from "./random-faults.ts";
import { below, between, chance, pick } from "./random-picks.ts";

/** What a user asks of a node: the sequence number is the one that the node gives when the time has come. */
export interface Submission {
  readonly account: number;
  readonly node: number;
  readonly fee: bigint;
  /** Null: a post. */
  readonly transfer: { readonly recipient: number; readonly amount: bigint } | null;
}

export type Step =
  | { readonly atUs: Micros; readonly fault: Fault }
  | { readonly atUs: Micros; readonly submission: Submission };

/** Everything that a random run depends on, drawn from its seed. */
export interface RandomScenario {
  readonly seed: number;
  readonly network: SimulatedNetwork;
  readonly chain: ChainParameters;
  /** In the order of `atUs`. */
  readonly steps: readonly Step[];
  readonly durationUs: Micros;
  /** Mean time between two blocks of all nodes together. */
  readonly blockIntervalUs: Micros;
}

export const ACCOUNTS: readonly Signer[] = Array.from({ length: 6 }, (_, account) =>
  signerFromSeed(`account-${account}`),
);
const MINERS: readonly Signer[] = Array.from({ length: 40 }, (_, node) => signerFromSeed(`miner-${node}`));

export function minerAccountsOf(nodeCount: number): string[] {
  return MINERS.slice(0, nodeCount).map(({ publicKey }) => publicKey);
}

const DIFFICULTY_BITS = 20;
const NODES_MAX = 9;

/**
 * Draws small networks that are as different as can be: two to nine nodes, every kind of topology and delay (many of
 * them whole numbers, so that events coincide), every relay and difficulty rules, any faults and load. `nodes`, 40 at most, is
 * for networks of another size.
 */
export function drawScenario(seed: number, nodes: number | null = null): RandomScenario {
  const prng = new Prng(String(seed), "scenario");
  const drawnCount = between(prng, 2, NODES_MAX);
  const nodeCount = nodes ?? drawnCount;
  const blockIntervalUs = pick(prng, [200_000, 500_000, 1_000_000, 2_000_000, 5_000_000]);
  const durationUs = blockIntervalUs * between(prng, 15, 60);
  const edges = drawEdges(prng.stream("edges"), nodeCount);
  const blockPaddingBytes = chance(prng, 0.3) ? pick(prng, [1_000, 20_000, 100_000]) : 0;
  const network = {
    seed: `random ${seed}`,
    nodes: drawNodes(prng.stream("nodes"), nodeCount, blockIntervalUs),
    edges,
    uplinkBitsPerSec: chance(prng, 0.3) ? drawUplink(prng, blockPaddingBytes) : null,
    lossRatio: chance(prng, 0.3) ? 0.3 * prng.uniform() : 0,
    blockPaddingBytes,
    relay: chance(prng, 0.35) ? pick(prng, ["push", "compact"] as const) : "announce",
  } as const;
  const faults = drawFaults(prng.stream("faults"), network, durationUs);
  const submissions = drawSubmissions(prng.stream("load"), nodeCount, durationUs);
  const steps = [...faults, ...submissions].sort((a, b) => a.atUs - b.atUs);
  const chain = drawChain(prng.stream("chain"), seed, blockIntervalUs);
  return { seed, network, chain, steps, durationUs, blockIntervalUs };
}

/** So that a hub of nine can serve a chain to all others before they ask again: a block takes 2 to 100 ms. */
function drawUplink(prng: Prng, blockPaddingBytes: number): number {
  return (blockPaddingBytes + 1_000) * 8 * pick(prng, [10, 50, 500]);
}

/** Whole numbers make events coincide; a delay of nothing makes a whole wave one moment. */
export function drawLatency(prng: Prng): LatencyModel {
  const delayUs = pick(prng, [0, 1, 1_000, 10_000, 20_000, 100_000]);
  switch (prng.integer(8)) {
    case 0:
      return { kind: "uniform", minUs: delayUs, maxUs: delayUs + pick(prng, [1, 3, 50_000, 400_000]) };
    case 1:
      return { kind: "exponential", meanUs: delayUs };
    case 2:
      return { kind: "lognormal", medianUs: delayUs, sigma: pick(prng, [0.2, 0.4, 1]) };
    default:
      return { kind: "constant", delayUs };
  }
}

function drawEdges(prng: Prng, nodeCount: number): PlannedEdge[] {
  const latency = drawLatency(prng);
  const edges = buildTopology(drawTopology(prng, nodeCount), nodeCount, latency, prng);
  if (chance(prng, 0.6)) return edges;
  const latencies = [latency, drawLatency(prng), drawLatency(prng)];
  return edges.map((edge) => ({ ...edge, latency: pick(prng, latencies) }));
}

function drawTopology(prng: Prng, nodeCount: number): TopologySettings {
  const plain = [
    { kind: "full-mesh" },
    { kind: "line" },
    { kind: "ring" },
    { kind: "star" },
  ] as const satisfies readonly TopologySettings[];
  if (nodeCount < 5 || chance(prng, 0.5)) return pick(prng, plain);
  if (chance(prng, 0.5)) return { kind: "random-regular", degree: nodeCount % 2 === 0 ? 3 : 4 };
  return { kind: "random", out: 2 };
}

function drawNodes(prng: Prng, nodeCount: number, blockIntervalUs: Micros) {
  const shares = Array.from({ length: nodeCount }, (_, node) =>
    node > 0 && chance(prng, 0.2) ? 0 : 0.1 + prng.uniform(),
  );
  const whole = shares.reduce((sum, share) => sum + share, 0);
  const networkHashesPerSec = (2 ** DIFFICULTY_BITS / blockIntervalUs) * MICROS_PER_SEC;
  return shares.map((share, index) => ({
    index,
    name: `node-${index}`,
    hashesPerSec: (networkHashesPerSec * share) / whole,
  }));
}

function drawSubmissions(prng: Prng, nodeCount: number, durationUs: Micros): Step[] {
  const count = chance(prng, 0.2) ? 0 : between(prng, 5, 40);
  return Array.from({ length: count }, () => ({
    atUs: below(prng, durationUs),
    submission: {
      account: prng.integer(ACCOUNTS.length),
      node: prng.integer(nodeCount),
      fee: BigInt(prng.integer(5)),
      transfer: chance(prng, 0.7)
        ? { recipient: prng.integer(ACCOUNTS.length), amount: BigInt(1 + prng.integer(400)) }
        : null,
    },
  }));
}

function drawChain(prng: Prng, seed: number, blockIntervalUs: Micros): ChainParameters {
  const blockIntervalMs = blockIntervalUs / 1_000;
  return {
    name: `random ${seed}`,
    seal: "drawn",
    initialCompactTarget: compactFromDifficulty(DIFFICULTY_BITS),
    difficultyRule: chance(prng, 0.5)
      ? { kind: "fixed" }
      : { kind: "bitcoin", periodBlocks: between(prng, 2, 12), blockIntervalMs },
    genesisTimeMs: 0,
    allocations: ACCOUNTS.map(({ publicKey }) => ({
      account: publicKey,
      amount: BigInt(prng.integer(1_000)),
    })),
    blockReward: 50n,
    // Two or three transactions fill the small one.
    blockBytesMax: chance(prng, 0.3) ? 900 : 50_000,
    futureLimitMs: 7_200_000,
  };
}

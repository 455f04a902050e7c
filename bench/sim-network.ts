import { Prng } from "../node/core/support/prng.ts";
import type { PlannedEdge } from "../runner/plan.ts";
import { buildTopology } from "../runner/topology/build-topology.ts";

/** The network that the simulator's bench runs on: of Bitcoin's kind, in the sizes that published simulators report. */

export const BENCH_SEED = "10";
export const LINKS_OUT = 8;
export const BLOCK_INTERVAL_US = 600_000_000;
export const BLOCK_BYTES = 500_000;
export const UPLINK_BITS_PER_SEC = 20_000_000;
export const BLOCK_TRANSMISSION_US = (BLOCK_BYTES * 8_000_000) / UPLINK_BITS_PER_SEC;

/** Spread of the latency of one pair of regions: a fifth up or down is common. */
const JITTER_SIGMA = 0.2;

/** Every node opens eight links to others drawn at random, in six regions of the world with their latencies. */
export function benchEdges(nodeCount: number): PlannedEdge[] {
  const topology = { kind: "regions", out: LINKS_OUT, sigma: JITTER_SIGMA } as const;
  return buildTopology(topology, nodeCount, { kind: "constant", delayUs: 0 }, new Prng(BENCH_SEED));
}

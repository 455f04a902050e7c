import { invariant } from "../../node/core/support/invariant.ts";
import type { Prng } from "../../node/core/support/prng.ts";
import type { LatencyModel } from "../../node/link/latency.ts";
import type { PlannedEdge } from "../plan.ts";
import { EdgeSet } from "./edge-list.ts";
import { randomGraph, randomRegularGraph } from "./random-graphs.ts";
import { assignRegions, regionLatencies } from "./regions.ts";
import type { TopologySettings } from "./topology-checks.ts";

/**
 * The links of a network that `topologyFinding` has nothing against: connected, no node with itself, each pair once,
 * `a < b`, ordered by `a`, then `b`. Draws from streams of `prng`: "graph" and, for regions, "regions".
 */
export function buildTopology(
  topology: TopologySettings,
  nodeCount: number,
  latency: LatencyModel,
  prng: Prng,
): PlannedEdge[] {
  const set = nodeCount === 1 ? new EdgeSet(1) : buildEdges(topology, nodeCount, prng.stream("graph"));
  invariant(set.components().count === 1, `a ${topology.kind} of ${nodeCount} nodes is not connected`);
  const { a, b } = set.toList();
  const latencyOf = linkLatency(topology, nodeCount, latency, prng);
  return Array.from(a, (node, index) => {
    const other = b[index] ?? 0;
    return { a: node, b: other, latency: latencyOf(node, other) };
  });
}

function buildEdges(topology: TopologySettings, nodeCount: number, prng: Prng): EdgeSet {
  switch (topology.kind) {
    case "random":
    case "regions":
      return randomGraph(nodeCount, topology.out, prng);
    case "random-regular":
      return randomRegularGraph(nodeCount, topology.degree, prng);
    case "edges":
      return fromPairs(nodeCount, topology.edges);
    default:
      return fromPairs(nodeCount, regularPairs(topology.kind, nodeCount));
  }
}

function* regularPairs(kind: "full-mesh" | "clique" | "ring" | "line" | "star", nodeCount: number) {
  for (let node = 1; node < nodeCount; node++) {
    if (kind === "full-mesh" || kind === "clique")
      for (let other = 0; other < node; other++) yield [other, node] as const;
    else yield [kind === "star" ? 0 : node - 1, node] as const;
  }
  // With two nodes the ring's last link is its first.
  if (kind === "ring" && nodeCount > 2) yield [0, nodeCount - 1] as const;
}

function fromPairs(nodeCount: number, pairs: Iterable<readonly [number, number]>): EdgeSet {
  const edges = new EdgeSet(nodeCount);
  for (const [a, b] of pairs) edges.add(a, b);
  return edges;
}

function linkLatency(topology: TopologySettings, nodeCount: number, latency: LatencyModel, prng: Prng) {
  if (topology.kind !== "regions") return () => latency;
  const regionOf = assignRegions(nodeCount, prng.stream("regions"));
  const models = regionLatencies(topology.sigma);
  return (a: number, b: number) => models[regionOf[a] ?? 0]?.[regionOf[b] ?? 0] ?? latency;
}

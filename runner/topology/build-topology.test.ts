import fc from "fast-check";
import { expect, test } from "vitest";
import { Prng } from "../../node/core/support/prng.ts";
import { type LatencyModel, meanLatencyUs } from "../../node/link/latency.ts";
import { buildTopology } from "./build-topology.ts";
import { assignRegions, REGION_LATENCY_MS, REGION_SHARES } from "./regions.ts";
import { type TopologySettings, topologyFinding } from "./topology-checks.ts";

const LATENCY: LatencyModel = { kind: "constant", delayUs: 1000 };

function pairsOf(topology: TopologySettings, nodeCount: number, seed = "1"): string[] {
  return buildTopology(topology, nodeCount, LATENCY, new Prng(seed)).map(({ a, b }) => `${a}-${b}`);
}

test("small graphs are what their names say", () => {
  expect(pairsOf({ kind: "line" }, 4)).toEqual(["0-1", "1-2", "2-3"]);
  expect(pairsOf({ kind: "ring" }, 4)).toEqual(["0-1", "0-3", "1-2", "2-3"]);
  expect(pairsOf({ kind: "star" }, 4)).toEqual(["0-1", "0-2", "0-3"]);
  expect(pairsOf({ kind: "full-mesh" }, 4)).toEqual(["0-1", "0-2", "0-3", "1-2", "1-3", "2-3"]);
  expect(pairsOf({ kind: "clique" }, 3)).toEqual(pairsOf({ kind: "full-mesh" }, 3));
  expect(pairsOf({ kind: "ring" }, 2)).toEqual(["0-1"]);
  expect(
    pairsOf(
      {
        kind: "edges",
        edges: [
          [2, 1],
          [0, 1],
        ],
      },
      3,
    ),
  ).toEqual(["0-1", "1-2"]);
  expect(pairsOf({ kind: "star" }, 1)).toEqual([]);
});

const TOPOLOGIES: readonly TopologySettings[] = [
  { kind: "full-mesh" },
  { kind: "ring" },
  { kind: "line" },
  { kind: "star" },
  { kind: "random-regular", degree: 2 },
  { kind: "random-regular", degree: 4 },
  { kind: "random", out: 1 },
  { kind: "random", out: 8 },
  { kind: "regions", out: 3, sigma: 0.2 },
];

test("whatever the checks let through is connected, without loops, each pair once and in order; a seed gives it twice", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...TOPOLOGIES),
      fc.integer({ min: 1, max: 60 }),
      fc.string(),
      (topology, nodeCount, seed) => {
        fc.pre(topologyFinding(topology, nodeCount) === null);
        const edges = buildTopology(topology, nodeCount, LATENCY, new Prng(seed));
        const keys = edges.map(({ a, b }) => a * nodeCount + b);
        expect(edges.every(({ a, b }) => a < b && b < nodeCount)).toBe(true);
        expect(keys.every((key, index) => index === 0 || (keys[index - 1] ?? 0) < key)).toBe(true);
        expect(reachableFromZero(edges)).toBe(nodeCount);
        expect(buildTopology(topology, nodeCount, LATENCY, new Prng(seed))).toEqual(edges);
      },
    ),
  );
});

/** By relaxation until nothing changes: no code shared with the builder's own check. */
function reachableFromZero(edges: readonly { readonly a: number; readonly b: number }[]): number {
  const reached = new Set([0]);
  for (let before = 0; before < reached.size; ) {
    before = reached.size;
    for (const { a, b } of edges) if (reached.has(a) || reached.has(b)) reached.add(a).add(b);
  }
  return reached.size;
}

test("regions hold their shares of the nodes to within one, and each link has its pair's mean latency", () => {
  const prng = new Prng("1");
  const edges = buildTopology({ kind: "regions", out: 8, sigma: 0.5 }, 1000, LATENCY, prng);
  const regionOf = assignRegions(1000, prng.stream("regions"));
  for (const [region, share] of REGION_SHARES.entries()) {
    const count = regionOf.filter((found) => found === region).length;
    expect(Math.abs(count - share * 1000)).toBeLessThan(1);
  }
  for (const { a, b, latency } of edges) {
    const meanMs = REGION_LATENCY_MS[regionOf[a] ?? -1]?.[regionOf[b] ?? -1] ?? Number.NaN;
    expect(meanLatencyUs(latency) / 1000).toBeCloseTo(meanMs, 2);
  }
});

test("the table of regions is symmetric and its shares are the whole", () => {
  for (const [row, latencies] of REGION_LATENCY_MS.entries())
    for (const [column, ms] of latencies.entries()) expect(REGION_LATENCY_MS[column]?.[row]).toBe(ms);
  expect(REGION_SHARES.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 10);
});

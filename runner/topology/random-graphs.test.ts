import fc from "fast-check";
import { expect, test } from "vitest";
import { Prng } from "../../node/core/support/prng.ts";
import type { EdgeSet } from "./edge-list.ts";
import { randomGraph, randomRegularGraph } from "./random-graphs.ts";

const degrees = (edges: EdgeSet, nodeCount: number) =>
  Array.from({ length: nodeCount }, (_, node) => edges.neighbours(node).length);

test("a random regular graph has the degree asked for at every node, no loops, no double links, and is connected", () => {
  const graphs = fc
    .record({
      nodeCount: fc.integer({ min: 3, max: 60 }),
      degree: fc.integer({ min: 2, max: 59 }),
      seed: fc.string(),
    })
    .filter(({ nodeCount, degree }) => degree < nodeCount && (nodeCount * degree) % 2 === 0);
  fc.assert(
    fc.property(graphs, ({ nodeCount, degree, seed }) => {
      const edges = randomRegularGraph(nodeCount, degree, new Prng(seed));
      expect(degrees(edges, nodeCount)).toEqual(new Array(nodeCount).fill(degree));
      for (let node = 0; node < nodeCount; node++) {
        expect(edges.has(node, node)).toBe(false);
        expect(new Set(edges.neighbours(node)).size).toBe(degree);
      }
      expect(edges.components().count).toBe(1);
    }),
    { numRuns: 300 },
  );
});

test("of the regular graphs of six nodes and degree three each kind appears as often as it is counted", () => {
  // 70 labelled cubic graphs of six nodes: 10 are the complete bipartite graph K(3,3), 60 the prism (OEIS A002829).
  const prng = new Prng("cubic");
  let bipartite = 0;
  const rounds = 7000;
  for (let round = 0; round < rounds; round++) {
    const edges = randomRegularGraph(6, 3, prng);
    const hasTriangle = edges.neighbours(0).some((a) => edges.neighbours(0).some((b) => edges.has(a, b)));
    const others = [1, 2, 3, 4, 5].some((node) =>
      edges.neighbours(node).some((a) => edges.neighbours(node).some((b) => edges.has(a, b))),
    );
    if (!hasTriangle && !others) bipartite += 1;
  }
  // Standard error sqrt(p (1 - p) / 7000) = 0.0042; four of them. Switching alone gives 0.064 here.
  expect(Math.abs(bipartite / rounds - 10 / 70)).toBeLessThan(0.017);
});

test("in a random graph every node opens its links, so that degrees average twice as many", () => {
  const edges = randomGraph(2000, 8, new Prng("1"));
  const found = degrees(edges, 2000);
  expect(edges.size).toBe(16_000);
  expect(Math.min(...found)).toBeGreaterThanOrEqual(8);
  // Links taken in are nearly Poisson of mean 8: more than 30 of them have a chance below 10^-9 a node.
  expect(Math.max(...found)).toBeLessThan(40);
  expect(edges.components().count).toBe(1);
});

test("a random graph that falls apart is joined, whatever the seed", () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 3, max: 40 }), (seed, nodeCount) => {
      expect(randomGraph(nodeCount, 1, new Prng(seed)).components().count).toBe(1);
    }),
  );
});

test("the smallest networks that a topology allows are built", () => {
  expect(randomRegularGraph(2, 1, new Prng("1")).size).toBe(1);
  expect(randomRegularGraph(3, 2, new Prng("1")).size).toBe(3);
  expect(randomRegularGraph(5, 4, new Prng("1")).size).toBe(10);
  expect(randomGraph(3, 1, new Prng("1")).components().count).toBe(1);
  expect(randomGraph(17, 8, new Prng("1")).components().count).toBe(1);
});

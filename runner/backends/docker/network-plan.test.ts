import fc from "fast-check";
import { expect, test } from "vitest";
import type { Fault, PlannedEdge, PlannedFault } from "../../plan.ts";
import { groupsOf, type PeerNetwork, planNetworks } from "./network-plan.ts";

const latency = { kind: "constant", delayUs: 0 } as const;

function edgesOf(pairs: readonly (readonly [number, number])[]): PlannedEdge[] {
  return pairs.map(([a, b]) => ({ a, b, latency }));
}

function mesh(count: number): PlannedEdge[] {
  const nodes = Array.from({ length: count }, (_, node) => node);
  return edgesOf(nodes.flatMap((a) => nodes.slice(a + 1).map((b): [number, number] => [a, b])));
}

function aPlan(nodeCount: number, edges: readonly PlannedEdge[], faults: readonly Fault[]) {
  const nodes = Array.from({ length: nodeCount }, (_, index) => ({
    index,
    name: `node-${index}`,
    hashesPerSec: 0,
  }));
  const timeline = faults.map(
    (fault, index): PlannedFault => ({ index, atUs: index, description: "", fault }),
  );
  return { nodes, edges, timeline };
}

/** Cuts every edge between two nodes whose groups differ. */
function partition(edges: readonly PlannedEdge[], groupOf: readonly number[]): Fault {
  const cut = edges
    .filter(({ a, b }) => groupOf[a] !== groupOf[b])
    .flatMap(({ a, b }): [number, number][] => [
      [a, b],
      [b, a],
    ]);
  return { word: "partition", cut };
}

const members = (networks: readonly PeerNetwork[]) => networks.map((network) => network.members);

test("without a partition there is one network for all", () => {
  expect(members(planNetworks(aPlan(4, mesh(4), [])))).toEqual([[0, 1, 2, 3]]);
});

test("a network in two groups has one of each group, and one between them whose smaller side is unplugged", () => {
  const edges = mesh(5);
  const networks = planNetworks(
    aPlan(5, edges, [partition(edges, [0, 0, 0, 1, 1]), { word: "heal", links: null }]),
  );
  expect(members(networks)).toEqual([
    [0, 1, 2],
    [0, 1, 2, 3, 4],
    [3, 4],
  ]);
  expect(networks[1]?.unplugged).toEqual([3, 4]);
});

test("who has no link across is not on the network between the groups", () => {
  const edges = edgesOf([
    [0, 1],
    [1, 2],
    [2, 3],
  ]);
  const networks = planNetworks(aPlan(4, edges, [partition(edges, [0, 0, 1, 1])]));
  expect(members(networks)).toEqual([
    [0, 1],
    [1, 2],
    [2, 3],
  ]);
});

test("a cut of one direction separates nobody", () => {
  const edges = mesh(3);
  const cut: Fault = {
    word: "partition",
    cut: [
      [0, 1],
      [0, 2],
    ],
  };
  expect(members(planNetworks(aPlan(3, edges, [cut])))).toEqual([[0, 1, 2]]);
});

test("however many partitions there are, an engine is not asked for more networks than it has", () => {
  const edges = mesh(12);
  const lonely = Array.from({ length: 12 }, (_, alone) => [
    partition(
      edges,
      Array.from({ length: 12 }, (_, node) => (node === alone ? 1 : 0)),
    ),
    { word: "heal", links: null } as const,
  ]);
  const networks = planNetworks(aPlan(12, edges, lonely.flat()));
  expect(networks.length).toBeLessThanOrEqual(24);
  expect(networks.flatMap((network) => network.edges).length).toBe(edges.length);
});

test("with the plugs of its closed networks pulled, no two groups of any partition share a network", () => {
  const assignments = fc.array(fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 7, maxLength: 7 }), {
    minLength: 1,
    maxLength: 2,
  });
  fc.assert(
    fc.property(assignments, fc.subarray(mesh(7), { minLength: 4 }), (groupings, edges) => {
      const heal: Fault = { word: "heal", links: null };
      const faults = groupings.flatMap((groupOf) => [partition(edges, groupOf), heal]);
      const networks = planNetworks(aPlan(7, edges, faults));
      // All were refined: only then does the claim hold for each.
      fc.pre(networks.length <= 20);
      for (const groupOf of groupings) {
        const isOpen = (a: number, b: number) => groupOf[a] === groupOf[b];
        const reach = groupsOf(7, edges, isOpen);
        const plugged = networks.map(({ edges: used, members: all, unplugged }) =>
          used.some(({ a, b }) => isOpen(a, b)) ? all : all.filter((node) => !unplugged.includes(node)),
        );
        for (const nodes of plugged)
          expect(new Set(nodes.map((node) => reach[node])).size).toBeLessThanOrEqual(1);
      }
    }),
  );
});

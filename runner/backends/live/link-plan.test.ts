import { expect, test } from "vitest";
import type { RunPlan } from "../../plan.ts";
import { parseScenario } from "../../scenario/load.ts";
import { planRun } from "../../scenario/plan-run.ts";
import { CUT_BY_NODES, type LinkCuts } from "./link-cuts.ts";
import { LinkPlan } from "./link-plan.ts";

/** A ring of four: 0-1, 1-2, 2-3, 0-3. */
function aRing(): RunPlan {
  return planRun(
    parseScenario(
      `{ name: ring, seed: s, duration: 10s, nodes: { count: 4, hashRate: 1kH/s }, chain: { difficulty: 10 },
        network: { topology: { kind: ring }, latency: 30ms, loss: 1%, bandwidth: 1Mbit/s } }`,
      "ring.yaml",
    ),
  );
}

const THIRTY_MS = { kind: "constant", delayUs: 30_000 };

test("a node starts with the conditions of its own links, by the names of its peers", () => {
  const condition = { latency: THIRTY_MS, lossRatio: 0.01, cut: false };
  expect(new LinkPlan(aRing()).conditionsOf(0)).toEqual({
    seed: "s",
    default: { latency: { kind: "constant", delayUs: 0 }, lossRatio: 0.01, cut: false },
    links: { "node-1": condition, "node-3": condition },
    uplinkBitsPerSec: 1_000_000,
    blockPaddingBytes: 0,
  });
});

test("a partition is told to the senders of the links that are cut, and what it is told is what holds", () => {
  const links = new LinkPlan(aRing());
  const patches = links.change({
    word: "partition",
    cut: [
      [0, 3],
      [1, 2],
      [2, 1],
    ],
  });
  expect([...patches]).toEqual([
    [0, { links: { "node-3": { cut: true } } }],
    [1, { links: { "node-2": { cut: true } } }],
    [2, { links: { "node-1": { cut: true } } }],
  ]);
  expect(links.conditionOf(0, 3)?.cut).toBe(true);
  // One way only.
  expect(links.conditionOf(3, 0)?.cut).toBe(false);
});

test("a heal of every link opens what was cut and leaves latency and loss alone", () => {
  const links = new LinkPlan(aRing());
  const before = links.conditionsOf(2);
  links.change({ word: "partition", cut: [[2, 1]] });
  links.change({ word: "loss", links: [[2, 3]], ratio: 0.5 });
  links.change({ word: "heal", links: null });
  expect(links.conditionsOf(2)).toEqual({
    ...before,
    links: { ...before.links, "node-3": { latency: THIRTY_MS, lossRatio: 0.5, cut: false } },
  });
});

test("a latency of null gives each link its own back", () => {
  const links = new LinkPlan(aRing());
  const before = links.conditionsOf(1);
  links.change({ word: "latency", links: null, latency: { kind: "constant", delayUs: 9 } });
  expect(links.conditionOf(1, 0)?.latency).toEqual({ kind: "constant", delayUs: 9 });
  links.change({ word: "latency", links: null, latency: null });
  expect(links.conditionsOf(1)).toEqual(before);
});

test("a bandwidth is a node's, not a link's", () => {
  const links = new LinkPlan(aRing());
  expect([...links.change({ word: "bandwidth", nodes: [3], bitsPerSec: null })]).toEqual([
    [3, { uplinkBitsPerSec: null }],
  ]);
  expect(links.conditionsOf(3).uplinkBitsPerSec).toBeNull();
  expect(links.conditionsOf(2).uplinkBitsPerSec).toBe(1_000_000);
});

test("a link that the plan does not have is left out", () => {
  expect([...new LinkPlan(aRing()).change({ word: "partition", cut: [[0, 2]] })]).toEqual([]);
});

/** A network below that stops what runs between the two halves of the ring as soon as none of it is to be open. */
function twoHalves(): LinkCuts & { isStopped: boolean } {
  const between = [
    [1, 2],
    [0, 3],
  ] as const;
  const isBetween = (source: number, target: number) =>
    between.some(([a, b]) => (source === a && target === b) || (source === b && target === a));
  return {
    ...CUT_BY_NODES,
    isStopped: false,
    want(isOpen) {
      this.isStopped = !between.some(([a, b]) => isOpen(a, b) || isOpen(b, a));
    },
    stops(source, target) {
      return this.isStopped && isBetween(source, target);
    },
  };
}

const BOTH_WAYS = [
  [0, 3],
  [1, 2],
  [2, 1],
  [3, 0],
] as const;

test("where the network below stops the packets, the senders are told nothing, and the link is cut all the same", () => {
  const links = new LinkPlan(aRing(), twoHalves());
  const before = links.conditionsOf(0);
  expect([...links.change({ word: "partition", cut: BOTH_WAYS })]).toEqual([]);
  expect(links.conditionsOf(0)).toEqual(before);
  expect(links.isOpen(0, 3)).toBe(false);
  expect(links.isOpen(0, 1)).toBe(true);
  expect([...links.change({ word: "heal", links: null })]).toEqual([]);
  expect(links.isOpen(0, 3)).toBe(true);
});

test("a network that opens for one link leaves its others to their senders", () => {
  const links = new LinkPlan(aRing(), twoHalves());
  links.change({ word: "partition", cut: BOTH_WAYS });
  const patches = links.change({
    word: "heal",
    links: [
      [0, 3],
      [3, 0],
    ],
  });
  expect([...patches]).toEqual([
    [1, { links: { "node-2": { cut: true } } }],
    [2, { links: { "node-1": { cut: true } } }],
  ]);
});

test("a sender that was told to cut goes on until the link heals, also when the network stops the packets later", () => {
  const links = new LinkPlan(aRing(), twoHalves());
  links.change({ word: "partition", cut: BOTH_WAYS.slice(0, 2) });
  expect([...links.change({ word: "partition", cut: BOTH_WAYS })]).toEqual([]);
  expect(links.conditionsOf(0).links["node-3"]?.cut).toBe(true);
  expect([...links.change({ word: "heal", links: null })]).toEqual([
    [0, { links: { "node-3": { cut: false } } }],
    [1, { links: { "node-2": { cut: false } } }],
  ]);
});

import { expect, test } from "vitest";
import type { Fault } from "../plan.ts";
import { parseScenario } from "./load.ts";
import { planRun } from "./plan-run.ts";

/** The plan of a line of four nodes, 0-1-2-3, with this timeline. */
function planOf(...lines: readonly string[]) {
  const text = `name: t
duration: 60s
nodes: { count: 4, hashRate: [1kH/s, 2kH/s, 3kH/s, 4kH/s] }
chain: { difficulty: 10 }
network: { topology: { kind: line }, latency: 5ms, loss: 1%, bandwidth: 8Mbit/s }
timeline:
${lines.map((line) => `  - ${line}`).join("\n")}
`;
  return planRun(parseScenario(text, "t.yaml")).timeline;
}
const faultsOf = (...lines: readonly string[]): [number, Fault][] =>
  planOf(...lines).map(({ atUs, fault }) => [atUs / 1e6, fault]);
/** "0>1 1>0": pairs of sender and receiver. */
const links = (text: string) => text.split(" ").map((link) => link.split(">").map(Number));
const constant = (ms: number) => ({ kind: "constant", delayUs: ms * 1000 });

test("a partition cuts both directions of the links between groups, and no other", () => {
  expect(faultsOf("{ at: 1s, partition: [[0, 3], [1, 2]] }")).toEqual([
    [1, { word: "partition", cut: links("0>1 1>0 2>3 3>2") }],
  ]);
});

test("one way cuts what is sent from the first to the second", () => {
  expect(faultsOf("{ at: 1s, partition: { from: [0, 2], to: [1, 3] } }")).toEqual([
    [1, { word: "partition", cut: links("0>1 2>1 2>3") }],
  ]);
});

test("an isolated node loses every link, and a heal of groups opens only what lies between them", () => {
  expect(faultsOf("{ at: 1s, isolate: 1 }", "{ at: 2s, heal: [0, 1] }", "{ at: 3s, heal: all }")).toEqual([
    [1, { word: "partition", cut: links("0>1 1>0 1>2 2>1") }],
    [2, { word: "heal", links: links("0>1 1>0") }],
    [3, { word: "heal", links: null }],
  ]);
});

test("when one of two partitions ends, the links of the other stay cut", () => {
  const faults = faultsOf(
    "{ at: 1s, partition: [[0, 1], [2, 3]], for: 9s }",
    "{ at: 2s, isolate: 1, for: 4s }",
  );
  expect(faults.slice(2)).toEqual([
    [6, { word: "heal", links: links("0>1 1>0") }],
    [10, { word: "heal", links: links("1>2 2>1") }],
  ]);
});

test("what was healed before its time is not healed again", () => {
  expect(
    faultsOf("{ at: 1s, isolate: 0, for: 9s }", "{ at: 2s, heal: all }").map(([atSec]) => atSec),
  ).toEqual([1, 2]);
});

test("a latency that ends gives way to the one before it, or to each link's own", () => {
  const faults = faultsOf(
    "{ at: 1s, latency: 100ms }",
    "{ at: 2s, latency: 200ms, nodes: 0, for: 2s }",
    "{ at: 9s, latency: 300ms, for: 1s }",
  );
  const own = links("0>1 1>0");
  expect(faults).toEqual([
    [1, { word: "latency", links: null, latency: constant(100) }],
    [2, { word: "latency", links: own, latency: constant(200) }],
    [4, { word: "latency", links: own, latency: constant(100) }],
    [9, { word: "latency", links: null, latency: constant(300) }],
    [10, { word: "latency", links: null, latency: constant(100) }],
  ]);
  expect(faultsOf("{ at: 1s, latency: 9ms, for: 1s }").at(-1)).toEqual([
    2,
    { word: "latency", links: null, latency: null },
  ]);
});

test("a change that a later one covers ends without a trace", () => {
  const faults = faultsOf("{ at: 1s, loss: 5%, for: 5s }", "{ at: 2s, loss: 9%, for: 9s }");
  expect(faults).toEqual([
    [1, { word: "loss", links: null, ratio: 0.05 }],
    [2, { word: "loss", links: null, ratio: 0.09 }],
    [11, { word: "loss", links: null, ratio: 0.01 }],
  ]);
});

test("bandwidth and hash rate concern nodes, and end in what the scenario gave them", () => {
  expect(faultsOf("{ at: 1s, bandwidth: unlimited, nodes: 1-2, for: 1s }")).toEqual([
    [1, { word: "bandwidth", nodes: [1, 2], bitsPerSec: null }],
    [2, { word: "bandwidth", nodes: [1, 2], bitsPerSec: 8_000_000 }],
  ]);
  expect(faultsOf("{ at: 1s, hashRate: 9kH/s, for: 1s }")).toEqual([
    [1, { word: "hashRate", nodes: [0, 1, 2, 3], hashesPerSec: 9000 }],
    [2, { word: "hashRate", nodes: [0, 1, 2, 3], hashesPerSec: null }],
  ]);
});

test("a crash for a time is a crash and a restart; faults are in the order of time and say their line", () => {
  expect(planOf("{ at: 5s, pause: 0 }", "{ at: 1s, crash: [1, 3], for: 4s }")).toEqual([
    { index: 1, atUs: 1e6, description: "crash: [1, 3], for: 4s", fault: { word: "crash", nodes: [1, 3] } },
    { index: 0, atUs: 5e6, description: "pause: 0", fault: { word: "pause", nodes: [0] } },
    {
      index: 1,
      atUs: 5e6,
      description: "end of crash: [1, 3], for: 4s",
      fault: { word: "restart", nodes: [1, 3] },
    },
  ]);
});

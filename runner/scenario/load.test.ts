import { expect, test } from "vitest";
import { loadScenario, parseScenario } from "./load.ts";
import { ScenarioError } from "./problem.ts";

const GOOD = `name: good
duration: 60s
nodes: { count: 10, hashRate: 20kH/s }
chain: { difficulty: 17 }
`;

/** The lines that somebody sees at the terminal. */
function complaints(text: string, overrides: readonly string[] = []): string[] {
  try {
    parseScenario(text, "x.yaml", { overrides });
    return [];
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    return error.message.split("\n");
  }
}

test("a scenario of four lines runs; the rest has defaults", () => {
  const scenario = parseScenario(GOOD, "x.yaml");
  expect(scenario.seed).toBe("1");
  expect(scenario.network).toMatchObject({
    topology: { kind: "full-mesh" },
    bandwidth: null,
    loss: { ratio: 0 },
  });
  expect(scenario.transactions).toMatchObject({ rate: { perSec: 0 }, confirmations: 6 });
  expect(scenario.document).toEqual({
    name: "good",
    duration: "60s",
    nodes: { count: 10, hashRate: "20kH/s" },
    chain: { difficulty: 17 },
  });
});

test("every mistake of a file is told at once, in the order of the file, with its place and what is accepted", () => {
  const text = `name: My scenario
duraton: 60
nodes: { count: 10, hashRate: 20 }
chain:
  difficulty: [3]
  rule: { kind: bitcoin, period: 1.5 }
network:
  topology: { kind: random-reglar, degree: 4 }
  latency: 40
  loss: 120%
transactions: 5/s
timeline:
  - { at: 20s, partition: [[0-5], [5-8]] }
  - { at: 40s, heal: everything }
  - { at: 40s, crash: 12, pause: 3 }
  - { at: 30s }
  - { at: 30s, crsh: 1 }
expect:
  forkRate: { max: 3 }
`;
  expect(complaints(text)).toEqual([
    `x.yaml:1:1: duration: missing; expected a duration with its unit, such as "250ms" (us, ms, s, min, h, d)`,
    `x.yaml:1:7: name: expected lower-case letters, digits and dashes, at most 64, since it names a folder, found "My scenario"`,
    `x.yaml:2:1: duraton: unknown key; did you mean "duration"? Known here: name, seed, duration, warmUp, nodes, chain, network, transactions, timeline, expect`,
    `x.yaml:3:31: nodes.hashRate: expected a hash rate with its unit, such as "20kH/s" (H/s, kH/s, MH/s, GH/s, TH/s), or a list of them, or a mapping of total, shares, found 20`,
    `x.yaml:5:15: chain.difficulty: expected a number, found [3]`,
    `x.yaml:6:9: chain.rule.blockInterval: missing; expected a duration with its unit, such as "250ms" (us, ms, s, min, h, d)`,
    `x.yaml:6:34: chain.rule.period: expected a whole number, found 1.5`,
    `x.yaml:8:21: network.topology.kind: expected one of full-mesh, ring, line, star, random-regular, random, regions, edges, found "random-reglar"; did you mean "random-regular"?`,
    `x.yaml:9:12: network.latency: expected a duration with its unit, such as "250ms" (us, ms, s, min, h, d), or a mapping with a kind (constant, uniform, exponential, lognormal), found 40`,
    `x.yaml:10:9: network.loss: expected a share such as "2%" or 0.02, from 0 to 1, found "120%"`,
    `x.yaml:11:15: transactions: expected a mapping of rate, kind, accounts, fee, confirmations, found "5/s"`,
    `x.yaml:13:35: timeline.0.partition.1: node 5 is in an earlier group already`,
    `x.yaml:14:22: timeline.1.heal: expected "all", or a list of groups of nodes such as [[0-5], [6-9]], found "everything"`,
    `x.yaml:15:34: timeline.2.pause: expected one word a line, found crash and pause`,
    `x.yaml:16:5: timeline.3: says nothing to do; expected one of partition, isolate, heal, latency, loss, bandwidth, crash, restart, pause, resume, hashRate`,
    `x.yaml:17:16: timeline.4.crsh: unknown key; did you mean "crash"? Known here: at, partition, isolate, heal, latency, loss, bandwidth, crash, restart, pause, resume, hashRate, nodes, for`,
    `x.yaml:19:20: expect.forkRate.max: expected a share such as "2%" or 0.02, from 0 to 1, found 3`,
  ]);
});

const line = (entry: string) => complaints(`${GOOD}timeline:\n  - ${entry}\n`);

test("partitions name every node once, and nodes that there are", () => {
  expect(line("{ at: 20s, partition: [[0-4], [6-9]] }")).toEqual([
    "x.yaml:6:27: timeline.0.partition: node 5 is in no group; every node of the 10 is in exactly one",
  ]);
  expect(line("{ at: 20s, partition: [[0-1], [8-9]] }")).toEqual([
    "x.yaml:6:27: timeline.0.partition: nodes 2, 3, 4, 5, 6 and 7 are in no group; every node of the 10 is in exactly one",
  ]);
  expect(line("{ at: 20s, partition: [[0-5], [6-10]] }")).toEqual([
    "x.yaml:6:35: timeline.0.partition.1: there is no node 10: nodes are 0 to 9",
  ]);
  expect(line("{ at: 20s, partition: [0-9] }")).toEqual([
    `x.yaml:6:27: timeline.0.partition: expected at least two groups, found ["0-9"]`,
  ]);
  expect(line("{ at: 20s, partition: { from: 0-5, to: 5-9 } }")).toEqual([
    "x.yaml:6:44: timeline.0.partition.to: node 5 is in from as well",
  ]);
  expect(line("{ at: 20s, partition: [0-5, 6-9] }")).toEqual([]);
  expect(line("{ at: 20s, partition: { from: 0, to: 1-9 } }")).toEqual([]);
});

test("times lie within the run, and modifiers stand where they mean something", () => {
  expect(line("{ at: 60s, crash: 1 }")).toEqual([
    "x.yaml:6:11: timeline.0.at: expected a time before the end of the run",
  ]);
  expect(line("{ at: 50s, crash: 1, for: 11s }")).toEqual([
    "x.yaml:6:31: timeline.0.for: expected to end by the end of the run",
  ]);
  expect(line("{ at: 50s, crash: 1, for: 10s }")).toEqual([]);
  expect(line("{ at: 5s, crash: 1, nodes: 2 }")).toEqual([
    "x.yaml:6:32: timeline.0.nodes: does not go with crash, which names its nodes itself",
  ]);
});

test("nodes are only restarted after a crash, and only what is cut is healed", () => {
  expect(line("{ at: 5s, restart: [1, 3] }")).toEqual([
    "x.yaml:6:24: timeline.0.restart: nodes 1 and 3 are not crashed at that time",
  ]);
  expect(line("{ at: 5s, heal: all }")).toEqual([
    "x.yaml:6:21: timeline.0.heal: nothing has been cut before",
  ]);
  // The file's order does not count, the time does.
  expect(line("{ at: 9s, restart: 2 }\n  - { at: 5s, crash: 2 }")).toEqual([]);
  expect(line("{ at: 5s, crash: 2, for: 5s }\n  - { at: 7s, restart: 2 }")).toEqual([
    "x.yaml:6:30: timeline.0.for: node 2 is not crashed at that time",
  ]);
  expect(line("{ at: 5s, pause: 2 }\n  - { at: 7s, crash: 2 }")).toEqual([
    "x.yaml:7:22: timeline.1.crash: node 2 is not up at that time",
  ]);
});

test("what does not go together is refused where it stands", () => {
  const withNetwork = (network: string) => complaints(`${GOOD}network: ${network}\n`);
  expect(withNetwork("{ topology: { kind: random-regular, degree: 10 } }")).toEqual([
    "x.yaml:5:54: network.topology.degree: expected less than the 10 nodes, found 10",
  ]);
  expect(withNetwork("{ topology: { kind: random } }")).toEqual([
    "x.yaml:5:22: network.topology.out: expected at most 4 for 10 nodes (each also takes as many in), found 8",
  ]);
  expect(withNetwork("{ topology: { kind: edges, edges: [[0, 1], [2, 3]] } }")).toEqual([
    "x.yaml:5:44: network.topology.edges: the network is not connected: no way leads from node 0 to node 2",
  ]);
  expect(withNetwork("{ topology: { kind: regions, out: 2 }, latency: 5ms }")).toEqual([
    "x.yaml:5:58: network.latency: not together with the topology regions, which brings its own latencies",
  ]);
  expect(complaints(GOOD.replace("20kH/s", "[20kH/s, 5kH/s]"))).toEqual([
    "x.yaml:3:31: nodes.hashRate: expected 10 hash rates, one for each node, found 2",
  ]);
  expect(complaints(GOOD.replace("20kH/s", "0H/s"))).toEqual([
    "x.yaml:3:31: nodes.hashRate: expected at least one node with a hash rate above zero",
  ]);
  expect(complaints(`${GOOD}warmUp: 60s\n`)).toEqual([
    "x.yaml:5:9: warmUp: expected less than the duration of the run: nothing would be left to measure",
  ]);
  expect(complaints(`${GOOD}expect: { blocks: {} }\n`)).toEqual([
    "x.yaml:5:19: expect.blocks: expected min, max or both, found neither",
  ]);
});

test("text that is no YAML, a key twice and an empty file are told like other mistakes", () => {
  expect(complaints("name: a\nname: b\n")).toEqual([
    "x.yaml:2:1: not a YAML file that can be read: Map keys must be unique",
  ]);
  expect(complaints("name: [a\n")[0]).toMatch(/^x\.yaml:2:1: not a YAML file that can be read: /);
  expect(complaints("")).toEqual([
    "x.yaml:1:1: expected a mapping with at least name, duration, nodes and chain",
  ]);
  expect(complaints(`${GOOD}network:\n`)).toEqual([
    "x.yaml:5:9: network: expected a mapping of topology, latency, bandwidth, loss, blockPadding, enforce, relay, found null",
  ]);
  const bomb = `a: &a [1]\n${[..."bcdefgh"].map((name, at) => `${name}: &${name} [${`*${"abcdefgh"[at]}, `.repeat(30)}]`).join("\n")}\n`;
  expect(complaints(bomb)[0]).toMatch(
    /^x\.yaml:1:1: not a YAML file that can be read: Excessive alias count/,
  );
});

test("an override takes the place of the file's value, the seed's option too, and the last one wins", () => {
  const overrides = [
    "network.latency=50ms",
    "timeline.0={ at: 1s, crash: 3 }",
    "nodes.count=4",
    "nodes.count=5",
  ];
  const scenario = parseScenario(GOOD, "x.yaml", { overrides, seed: "abc" });
  expect(scenario.network.latency).toEqual({ us: 50_000 });
  expect(scenario.timeline).toHaveLength(1);
  expect(scenario.nodes.count).toBe(5);
  expect(scenario.seed).toBe("abc");
  expect(scenario.document).toMatchObject({ seed: "abc", network: { latency: "50ms" } });
});

test("an override of one use of an anchor leaves the other uses alone", () => {
  const text = `${GOOD}network: { latency: &slow { kind: uniform, min: 1ms, max: 2ms } }
timeline: [{ at: 1s, latency: *slow }]
`;
  const scenario = parseScenario(text, "x.yaml", { overrides: ["network.latency.max=9ms"] });
  expect(scenario.network.latency).toMatchObject({ max: { us: 9000 } });
  expect(scenario.timeline[0]?.latency).toMatchObject({ max: { us: 2000 } });
});

test("a mistake in an override names the override", () => {
  expect(
    complaints(GOOD, ["network.latncy=5ms", "zz", "chain.difficulty.bits=4", "nodes.count=many"]),
  ).toEqual([
    "--set zz: expected key=value, such as network.latency=50ms",
    "--set chain.difficulty.bits=4: chain.difficulty: has one value in the file, not a mapping or a list: override it as a whole",
    '--set nodes.count=many: nodes.count: expected a number, found "many"',
    `--set network.latncy=5ms: network.latncy: unknown key; did you mean "latency"? Known here: topology, latency, bandwidth, loss, blockPadding, enforce, relay`,
  ]);
  expect(complaints(GOOD, ["timeline.3.at=4s"])).toEqual([
    "--set timeline.3.at=4s: timeline.3: expected an index from 0 to 0",
  ]);
  expect(complaints(GOOD, ["chain.difficulty=[1"])[0]).toMatch(
    /^--set chain\.difficulty=\[1: chain\.difficulty: not a YAML value/,
  );
  expect(complaints(GOOD, ["__proto__.x=1"])[0]).toMatch(/^--set __proto__\.x=1: __proto__: unknown key/);
});

test("a file that is not there is a mistake in the scenario, with its name", async () => {
  await expect(loadScenario("no/such.yaml")).rejects.toThrow(/^no\/such\.yaml:1:1: cannot be read: ENOENT/);
});

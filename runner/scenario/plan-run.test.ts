import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { difficultyOf } from "../../node/core/chain/target.ts";
import { loadScenario, parseScenario } from "./load.ts";
import { planRun } from "./plan-run.ts";

const FOLDER = new URL("../../scenarios/", import.meta.url).pathname;
const FILES = readdirSync(FOLDER).filter((file) => file.endsWith(".yaml"));

test("the design's own example is planned as it says", async () => {
  const plan = planRun(await loadScenario(`${FOLDER}partition.yaml`));
  expect(plan).toMatchObject({
    name: "partition",
    seed: "42",
    durationUs: 60e6,
    confirmations: 6,
    relay: "announce",
  });
  expect(plan.nodes).toHaveLength(10);
  expect(plan.nodes[3]).toEqual({ index: 3, name: "node-3", hashesPerSec: 20_000 });
  expect(plan.edges).toHaveLength(20);
  expect(plan.edges[0]?.latency).toEqual({ kind: "lognormal", medianUs: 40_000, sigma: 0.4 });
  expect(difficultyOf(plan.chain.initialCompactTarget)).toBeCloseTo(17, 4);
  expect(plan.timeline.map(({ atUs, fault }) => [atUs, fault.word])).toEqual([
    [20e6, "partition"],
    [40e6, "heal"],
  ]);
  expect(plan.expectations).toEqual([
    { name: "converged", withinUs: 10e6 },
    { name: "reorgDepth", min: null, max: 40 },
  ]);
});

test.each(FILES)("%s loads, is planned twice alike, and opens with its question", async (file) => {
  const scenario = await loadScenario(`${FOLDER}${file}`);
  expect(scenario.name).toBe(file.replace(".yaml", ""));
  const plan = planRun(scenario);
  expect(planRun(await loadScenario(`${FOLDER}${file}`))).toEqual(plan);
  expect(plan.nodes.some(({ hashesPerSec }) => hashesPerSec > 0)).toBe(true);
});

test("another seed draws another network and load, and another chain", async () => {
  const [one, two] = await Promise.all(
    ["1", "2"].map((seed) => loadScenario(`${FOLDER}partition.yaml`, { seed }).then(planRun)),
  );
  expect(one?.edges).not.toEqual(two?.edges);
  expect(one?.load).not.toEqual(two?.load);
  expect(one?.chain.name).not.toBe(two?.chain.name);
});

test("a fault more leaves everything else of the plan as it was, faults before it too", async () => {
  const overrides = ["timeline.2={ at: 50s, crash: 4 }", "timeline.3={ at: 10s, latency: 1s, for: 5s }"];
  const before = planRun(await loadScenario(`${FOLDER}partition.yaml`));
  const after = planRun(await loadScenario(`${FOLDER}partition.yaml`, { overrides }));
  expect({ ...after, timeline: [] }).toEqual({ ...before, timeline: [] });
  expect(after.timeline.filter(({ index }) => index < 2)).toEqual(before.timeline);
});

test("shares of a total are weights, and nodes beyond them do not mine", () => {
  const text = `name: s
duration: 10s
nodes: { count: 5, hashRate: { total: 12kH/s, shares: [3, 2, 1] } }
chain: { difficulty: 10.5, seal: drawn, rule: { kind: bitcoin, period: 8, blockInterval: 1.5s } }
`;
  const plan = planRun(parseScenario(text, "s.yaml"));
  expect(plan.nodes.map(({ hashesPerSec }) => hashesPerSec)).toEqual([6000, 4000, 2000, 0, 0]);
  expect(plan.chain).toMatchObject({
    seal: "drawn",
    difficultyRule: { kind: "bitcoin", periodBlocks: 8, blockIntervalMs: 1500 },
  });
  expect(difficultyOf(plan.chain.initialCompactTarget)).toBeCloseTo(10.5, 4);
});

test("50,000 nodes with eight links out are planned in seconds, not minutes", () => {
  const text = `name: big
duration: 1h
nodes: { count: 50000, hashRate: 1kH/s }
chain: { difficulty: 30 }
network: { topology: { kind: random, out: 8 } }
`;
  expect(planRun(parseScenario(text, "big.yaml")).edges).toHaveLength(400_000);
});

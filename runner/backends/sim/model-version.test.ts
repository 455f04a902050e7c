import { expect, test } from "vitest";
import { runPlan } from "../../driver/run.ts";
import { hashEvents } from "../../record/event-log.ts";
import { Journal } from "../../record/journal.ts";
import { parseScenario } from "../../scenario/load.ts";
import { planRun } from "../../scenario/plan-run.ts";
import { MODEL_VERSION } from "./model-version.ts";
import { createSimBackend } from "./sim-backend.ts";

/** A bit of everything that a model decides: forks, faults, load, bandwidth, loss, regions, retargets. */
const SCENARIO = `
name: frozen
seed: 2009
duration: 40s
nodes: { count: 12, hashRate: { total: 240kH/s, shares: [3, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1] } }
chain: { difficulty: 17.5, rule: { kind: bitcoin, period: 16, blockInterval: 700ms } }
network:
  topology: { kind: regions, out: 3 }
  bandwidth: 2Mbit/s
  blockPadding: 20kB
transactions: { rate: 4/s, confirmations: 4 }
timeline:
  - { at: 8s, partition: [[0-6], [7-11]] }
  - { at: 16s, heal: all }
  - { at: 18s, loss: 20% }
  - { at: 20s, crash: [2, 5] }
  - { at: 25s, restart: [2, 5] }
  - { at: 27s, pause: [1] }
  - { at: 30s, resume: [1] }
  - { at: 32s, hashRate: 40kH/s, nodes: [0] }
`;

/** Event log hash of the scenario by model version. A change that moves it takes the next number and says so in CHANGELOG.md. */
const FROZEN: Readonly<Record<number, string>> = {
  1: "8128cfb947218127ba205647a2d49d2144ab42ef78388d73cf941363d4312ce8",
};

test("a fixed seed has the history of its model version", async () => {
  const plan = planRun(parseScenario(SCENARIO, "frozen.yaml"));
  const journal = new Journal();
  const backend = createSimBackend({ plan, folder: ".", emit: (event) => journal.append(event) });
  await runPlan(plan, backend, journal, {
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  expect(hashEvents(journal.finish())).toBe(FROZEN[MODEL_VERSION]);
});

import { expect, test } from "vitest";
import { createSimBackend } from "../../runner/backends/sim/sim-backend.ts";
import { runPlan } from "../../runner/driver/run.ts";
import { hashEvents } from "../../runner/record/event-log.ts";
import { Journal } from "../../runner/record/journal.ts";
import { loadScenario } from "../../runner/scenario/load.ts";
import { planRun } from "../../runner/scenario/plan-run.ts";

const SCENARIOS = ["scenarios/partition.yaml", "scenarios/crash.yaml"];

test.each(SCENARIOS)("two runs of %s and one seed leave the same event log, byte for byte", async (file) => {
  const [first, second] = [await hashOfRun(file), await hashOfRun(file)];
  expect(second).toBe(first);
});

test("another seed leaves another event log", async () => {
  const file = "scenarios/partition.yaml";
  expect(await hashOfRun(file, "43")).not.toBe(await hashOfRun(file));
});

async function hashOfRun(file: string, seed?: string): Promise<string> {
  const plan = planRun(await loadScenario(file, seed === undefined ? {} : { seed }));
  const journal = new Journal();
  const backend = createSimBackend({ plan, folder: "unused", emit: (event) => journal.append(event) });
  const outcome = await runPlan(plan, backend, journal, {
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  expect(outcome.end).toBe("completed");
  return hashEvents(journal.finish());
}

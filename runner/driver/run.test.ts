import { expect, test } from "vitest";
import { createSimBackend } from "../backends/sim/sim-backend.ts";
import { Journal } from "../record/journal.ts";
import type { RunEvent } from "../record/run-event.ts";
import { parseScenario } from "../scenario/load.ts";
import { planRun } from "../scenario/plan-run.ts";
import { type DriveProgress, runPlan } from "./run.ts";

const SCENARIO = `
name: driven
seed: 7
duration: 30s
nodes: { count: 4, hashRate: 20kH/s }
chain: { difficulty: 16 }
transactions: { rate: 10/s, confirmations: 3 }
timeline:
  - { at: 5s, partition: [[0, 1], [2, 3]] }
  - { at: 10s, heal: all }
  - { at: 12s, crash: 3, for: 5s }
`;

function planOf(...overrides: string[]) {
  return planRun(parseScenario(SCENARIO, "driven.yaml", { overrides }));
}

async function simulate(overrides: string[] = [], options: { signal?: AbortSignal; folder?: string } = {}) {
  const plan = planOf(...overrides);
  const journal = new Journal();
  const progress: DriveProgress[] = [];
  const backend = createSimBackend({
    plan,
    emit: (event) => journal.append(event),
    folder: options.folder ?? "unused",
  });
  const outcome = await runPlan(plan, backend, journal, {
    signal: options.signal ?? new AbortController().signal,
    onProgress: (each) => progress.push(each),
  });
  return { plan, outcome, progress, events: [...journal.finish()] };
}

function ofType<T extends RunEvent["type"]>(events: readonly RunEvent[], type: T) {
  return events.filter((event): event is Extract<RunEvent, { type: T }> => event.type === type);
}

test("a simulated run carries out every fault and every transaction at its very time", async () => {
  const { plan, outcome, events } = await simulate();
  expect(outcome).toMatchObject({ end: "completed", endUs: 30_000_000, shedCount: 0 });
  const faults = ofType(events, "fault-applied");
  expect(faults.map(({ word, appliedAtUs }) => [word, appliedAtUs])).toEqual([
    ["partition", 5_000_000],
    ["heal", 10_000_000],
    ["crash", 12_000_000],
    ["restart", 17_000_000],
  ]);
  expect(faults.every((fault) => fault.plannedAtUs === fault.appliedAtUs)).toBe(true);
  const submitted = ofType(events, "transaction-submitted");
  expect(submitted.map((event) => event.atUs)).toEqual(plan.load.map((planned) => planned.atUs));
  expect(submitted.map((event) => event.plannedAtUs)).toEqual(plan.load.map((planned) => planned.atUs));
});

test("every submission is settled, and all are accepted where every node is up", async () => {
  const { events } = await simulate(["timeline=[]"]);
  const settled = ofType(events, "transaction-settled");
  expect(settled.map(({ id }) => id)).toEqual(ofType(events, "transaction-submitted").map(({ id }) => id));
  expect(new Set(settled.map(({ outcome, code }) => `${outcome}${code}`))).toEqual(new Set(["accepted"]));
  expect(new Set(settled.map(({ id }) => id)).size).toBe(settled.length);
});

test("two runs of one seed leave the same journal, whatever the slices", async () => {
  const [first, second] = [await simulate(), await simulate()];
  expect(second.events).toEqual(first.events);
});

test("a run that is aborted ends where it was, with its nodes' state", async () => {
  const controller = new AbortController();
  const plan = planOf();
  const journal = new Journal();
  const backend = createSimBackend({ plan, folder: "unused", emit: (event) => journal.append(event) });
  const outcome = await runPlan(
    plan,
    { ...delegate(backend), runUntil: (atUs, signal) => stopAfter(atUs, signal) },
    journal,
    { signal: controller.signal, onProgress: () => undefined },
  );
  expect(outcome.end).toBe("interrupted");
  if (outcome.end === "not-started") return;
  expect(outcome.endUs).toBeGreaterThan(0);
  expect(outcome.endUs).toBeLessThan(plan.durationUs);
  expect(outcome.nodeEnds).toHaveLength(4);

  async function stopAfter(atUs: number, signal: AbortSignal) {
    await backend.runUntil(atUs, signal);
    if (atUs > 6_000_000) controller.abort();
  }
});

test("what a backend cannot do is refused before it starts, with the line of the timeline", async () => {
  const plan = planOf();
  const backend = createSimBackend({ plan, folder: "unused", emit: () => undefined });
  const outcome = await runPlan(
    plan,
    {
      ...delegate(backend),
      faultWords: new Set(["heal"]),
      start: () => Promise.reject(new Error("started")),
    },
    new Journal(),
    { signal: new AbortController().signal, onProgress: () => undefined },
  );
  expect(outcome).toEqual({
    end: "not-started",
    reason:
      "the backend sim cannot do what line 1 of the timeline asks (partition: [[0, 1], [2, 3]]); it can do: heal",
  });
});

test("progress is told while a simulation runs as fast as it can, and once at the end", async () => {
  const { progress } = await simulate(["duration=2000s", "transactions.rate=0/s"]);
  expect(progress.at(-1)).toMatchObject({ nowUs: 2_000_000_000, faultCount: 4 });
  for (const [i, each] of progress.entries())
    expect(each.nowUs).toBeGreaterThanOrEqual(progress[i - 1]?.nowUs ?? 0);
});

/** The backend's own methods, so that one of them can be looked into. */
function delegate(backend: ReturnType<typeof createSimBackend>): ReturnType<typeof createSimBackend> {
  return {
    name: backend.name,
    clock: backend.clock,
    faultWords: backend.faultWords,
    keys: backend.keys,
    start: (signal) => backend.start(signal),
    runUntil: (atUs, signal) => backend.runUntil(atUs, signal),
    nowUs: () => backend.nowUs(),
    apply: (fault) => backend.apply(fault),
    submit: (node, tx, onAnswer) => backend.submit(node, tx, onAnswer),
    askSequence: (node, account, onAnswer) => backend.askSequence(node, account, onAnswer),
    snapshot: () => backend.snapshot(),
    stop: () => backend.stop(),
  };
}

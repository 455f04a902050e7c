import { expect, test } from "vitest";
import { aJournal, aPlan } from "../record/a-journal.ts";
import type { RunEvent } from "../record/run-event.ts";
import { MARKED_FAULTS_MAX, RUN_METRICS } from "./run-metric-table.ts";
import { RunMetrics } from "./run-metrics.ts";

const NOW_US = 9_000_000;
const WALL_MS = 1_700_000_009_000;

/** A run of these events, 9 s after its start. */
function observed(events: Iterable<RunEvent>, plan = aPlan()): RunMetrics {
  const metrics = new RunMetrics(
    plan,
    "processes",
    () => NOW_US,
    () => WALL_MS,
  );
  for (const event of events) metrics.hear(event);
  return metrics;
}

/** Values of the series that begin so. */
async function read(metrics: RunMetrics, start: string): Promise<Record<string, number>> {
  const lines = (await metrics.text()).split("\n").filter((line) => line.startsWith(start));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.split(" ").at(-1))]),
  );
}

const network = { heightMin: 1, heightMax: 2, tipCount: 2, mempoolCountMax: 0, nodesUp: 2 };

test("a run says what it is, and every metric of the table is exported from the start or once it is known", async () => {
  const metrics = observed([]);
  expect(await read(metrics, "forklab_run_info")).toEqual({
    'forklab_run_info{scenario="example",seed="1",backend="processes"}': 1,
  });
  const text = await metrics.text();
  for (const name of Object.keys(RUN_METRICS)) expect(text).toContain(`# TYPE ${name} `);
  // Nobody has measured these yet, so they are absent, not 0.
  expect(await read(metrics, "forklab_run_tips")).toEqual({});
  expect(await read(metrics, "forklab_run_event_loop_lag_seconds")).toEqual({});
});

test("height, blocks and forks are those of the journal", async () => {
  const events = aJournal()
    .mine(0, 1_000, "a")
    .mine(1, 1_500, "b")
    .mine(0, 2_000, "c", "a")
    .adopt(1, 2_100, "a")
    .build();
  const values = await read(observed(events), "forklab_run_");
  expect(values).toMatchObject({
    forklab_run_height_blocks: 2,
    forklab_run_blocks_mined_total: 3,
    forklab_run_forks_total: 1,
    'forklab_run_reorganisations_total{depth="1"}': 1,
    'forklab_run_reorganisations_total{depth="13+"}': 0,
  });
});

test("a fault is counted by its word, and marked at the moment when it took effect, not when its probe was done", async () => {
  const events = aJournal().fault(4_000, "partition").fault(6_000, "heal", { probed: false }).build();
  const metrics = observed(events);
  expect(await read(metrics, "forklab_run_faults_")).toMatchObject({
    'forklab_run_faults_total{word="partition"}': 1,
    'forklab_run_faults_total{word="heal"}': 1,
    'forklab_run_faults_total{word="crash"}': 0,
    'forklab_run_faults_unconfirmed_total{word="partition"}': 0,
    'forklab_run_faults_unconfirmed_total{word="heal"}': 1,
  });
  expect(await read(metrics, "forklab_run_fault_time_seconds")).toEqual({
    'forklab_run_fault_time_seconds{mark="1",word="partition",description="partition at 4000ms"}': 1_700_000_004,
    'forklab_run_fault_time_seconds{mark="2",word="heal",description="heal at 6000ms"}': 1_700_000_006,
  });
});

test("however many faults there are, so many are marked and no more, and all are counted", async () => {
  const journal = aJournal();
  for (let count = 0; count < MARKED_FAULTS_MAX + 50; count++) journal.fault(count, "heal");
  const metrics = observed(journal.build());
  expect(Object.keys(await read(metrics, "forklab_run_fault_time_seconds"))).toHaveLength(MARKED_FAULTS_MAX);
  expect(await read(metrics, 'forklab_run_faults_total{word="heal"}')).toEqual({
    'forklab_run_faults_total{word="heal"}': MARKED_FAULTS_MAX + 50,
  });
});

test("the phase follows the timeline, and links can be cut while nodes are down", async () => {
  const cut = [
    [0, 1],
    [1, 0],
  ] as const;
  const at = (sec: number) => ({ index: 0, atUs: sec * 1_000_000, description: "" });
  const plan = aPlan({
    warmUpUs: 2_000_000,
    timeline: [
      { ...at(4), fault: { word: "partition", cut } },
      { ...at(5), fault: { word: "crash", nodes: [1] } },
      { ...at(6), fault: { word: "heal", links: null } },
      { ...at(7), fault: { word: "restart", nodes: [1] } },
    ],
  });
  const metrics = observed([], plan);
  const phasesAt = async (sec: number, stage: "starting" | "running" = "running") => {
    metrics.progress({ stage, nowUs: sec * 1_000_000, network });
    const all = await read(metrics, "forklab_run_phase{");
    return Object.keys(all)
      .filter((series) => all[series] === 1)
      .map((series) => /"(.+)"/.exec(series)?.[1]);
  };
  expect(await phasesAt(0, "starting")).toEqual(["starting"]);
  expect(await phasesAt(1)).toEqual(["warm-up"]);
  expect(await phasesAt(3)).toEqual(["steady"]);
  expect(await phasesAt(4)).toEqual(["partition"]);
  expect(await read(metrics, "forklab_run_links_cut")).toEqual({ forklab_run_links_cut: 2 });
  expect(await phasesAt(5)).toEqual(["partition", "nodes-down"]);
  expect(await phasesAt(6)).toEqual(["nodes-down"]);
  expect(await phasesAt(7)).toEqual(["steady"]);
});

test("rates are summed over the nodes as they last told, the lag is the worst node's, and what is down counts no more as up", async () => {
  const rates = { hashesPerSecAsked: 1_000, hashesPerSecAchieved: 900 };
  const events = aJournal()
    .sample(0, 1_000, { ...rates, eventLoopLagMsP99: 4 })
    .sample(1, 1_000, { ...rates, eventLoopLagMsP99: 30 })
    .sample(0, 2_000, { ...rates, hashesPerSecAchieved: 800, eventLoopLagMsP99: 5 })
    .build();
  const metrics = observed(events);
  metrics.progress({ stage: "running", nowUs: NOW_US, network: { ...network, nodesUp: 1 } });
  expect(await read(metrics, "forklab_run_")).toMatchObject({
    'forklab_run_hash_rate_hashes_per_second{kind="asked"}': 2_000,
    'forklab_run_hash_rate_hashes_per_second{kind="achieved"}': 1_700,
    forklab_run_event_loop_lag_seconds: 0.03,
    'forklab_run_nodes{state="planned"}': 2,
    'forklab_run_nodes{state="up"}': 1,
    forklab_run_elapsed_seconds: 9,
    forklab_run_tips: 2,
  });
});

test("transactions are counted by how far they came, and as due when their time has come", async () => {
  const due = (atUs: number) => ({ atUs, account: 0, fee: 1n, body: { kind: "post", text: "" } as const });
  const plan = aPlan({ load: [due(1_000_000), due(2_000_000), due(3_000_000)] });
  const events = aJournal().submit(0, 1_000, "x").submit(0, 2_000, "y", "refused").build();
  const metrics = observed(events, plan);
  for (const nowUs of [1_500_000, 1_600_000, 2_000_000])
    metrics.progress({ stage: "running", nowUs, network });
  expect(await read(metrics, "forklab_run_transactions_total")).toEqual({
    'forklab_run_transactions_total{stage="due"}': 2,
    'forklab_run_transactions_total{stage="submitted"}': 2,
    'forklab_run_transactions_total{stage="accepted"}': 1,
    'forklab_run_transactions_total{stage="refused"}': 1,
    'forklab_run_transactions_total{stage="unknown"}': 0,
  });
});

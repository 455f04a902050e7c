import { readFileSync } from "node:fs";
import { collectDefaultMetrics, Registry } from "prom-client";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { PROCESS_METRICS } from "../node/adapters/metrics/process-table.ts";
import { SCRAPE_INTERVAL_SEC } from "../runner/observe/prometheus-config.ts";
import { allDashboards, isRow, panelsOf } from "./all-dashboards.ts";
import { checkQuery, knownMetrics } from "./check-query.ts";
import { generatedFiles } from "./generate.ts";
import { filledIn, queriesOf } from "./queries.ts";
import { alertRules, RECORDING_RULES, USUAL_TIMES } from "./rules.ts";

const KNOWN = knownMetrics(RECORDING_RULES.map(({ record }) => record));
const VARIABLES = { node: ".+", rateInterval: "8s" };
const DASHBOARDS = [...allDashboards()];
const GRID_COLUMNS = 24;

const faultsOf = (expr: string, legend = "") =>
  checkQuery({ expr: filledIn(expr, VARIABLES), legend }, KNOWN);

test.each([...generatedFiles()])(
  "dashboards/%s is what the code says; npm run generate writes it",
  (name, text) => {
    expect(readFileSync(new URL(name, import.meta.url), "utf8") === text).toBe(true);
  },
);

test.each(DASHBOARDS)(
  "every query of %s can be parsed, and names metrics and labels that there are",
  (name, dashboard) => {
    const queries = queriesOf(name, dashboard);
    expect(queries.length).toBeGreaterThan(10);
    const faults = queries.flatMap(({ place, expr, legend }) =>
      faultsOf(expr, legend).map((fault) => `${place}: ${fault}`),
    );
    expect(faults).toEqual([]);
  },
);

test("every rule can be parsed, and names metrics that are in the tables or were recorded before it", () => {
  const rules = [...RECORDING_RULES, ...alertRules(USUAL_TIMES)];
  expect(rules.flatMap(({ expr }) => faultsOf(expr))).toEqual([]);
});

test.each([
  ['sum(forklab_peers{node=~"$node"}', "cannot be parsed"],
  ["max(forklab_chain_hight_blocks)", "no table has the metric forklab_chain_hight_blocks"],
  ["sum(rate(forklab_transaction_fee_coins[1m]))", "no table has the metric forklab_transaction_fee_coins"],
  ['forklab_peers{sate="up"}', "forklab_peers has no label sate"],
  ["sum by (cod) (rate(forklab_transactions_refused_total[$__rate_interval]))", "has the label cod"],
  ["sum by (le) (forklab_peers)", "has the label le"],
  ["forklab:height:max", "no table has the metric forklab:height:max"],
])("a planted mistake in %s is found", (expr, complaint) => {
  expect(faultsOf(expr).join()).toContain(complaint);
});

test("a legend that names a label which its query does not have is found", () => {
  expect(faultsOf("forklab_peers", "{{node}} {{state}}")).toEqual([]);
  expect(faultsOf("forklab_peers", "{{depth}}")).toHaveLength(1);
  expect(faultsOf('count_values("tip", forklab_tip_fingerprint)', "{{tip}}")).toEqual([]);
});

test.each(DASHBOARDS)(
  "every panel of %s says what it shows, in which unit, and asks something",
  (name, dashboard) => {
    for (const { title, description, fieldConfig, targets, datasource } of panelsOf(dashboard)) {
      const where = `${name} / ${title}`;
      expect([where, title === undefined || title === ""]).toEqual([where, false]);
      expect([where, /^[A-Z].{10,}[.?]$/s.test(description ?? "")]).toEqual([where, true]);
      expect([where, (fieldConfig?.defaults.unit ?? "") === ""]).toEqual([where, false]);
      expect([where, (targets ?? []).length > 0]).toEqual([where, true]);
      expect([where, datasource?.uid]).toEqual([where, "forklab-prometheus"]);
    }
  },
);

interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** Pairs of boxes that share a cell, and boxes that reach out of the grid. */
function misplaced(boxes: readonly Box[]): Box[] {
  return boxes.filter(
    (a, index) =>
      a.x + a.w > GRID_COLUMNS ||
      boxes
        .slice(index + 1)
        .some((b) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h),
  );
}

test.each(DASHBOARDS)("no two panels of %s overlap, and its rows are filled", (_name, dashboard) => {
  const all = dashboard.panels ?? [];
  const boxes = all.flatMap(({ gridPos }) => (gridPos === undefined ? [] : [gridPos]));
  expect(boxes).toHaveLength(all.length);
  expect(misplaced(boxes)).toEqual([]);
  const heightOfAll = Math.max(...boxes.map(({ y, h }) => y + h));
  const cells = boxes.reduce((sum, { w, h }) => sum + w * h, 0);
  expect(cells).toBe(heightOfAll * GRID_COLUMNS);
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  expect(all.filter(isRow).length).toBeGreaterThan(1);
});

test("panels that overlap, and one that is too wide, would be found", () => {
  const box = { x: 0, y: 0, w: 12, h: 8 };
  expect(misplaced([box, { ...box, x: 12 }, { ...box, y: 8 }])).toEqual([]);
  expect(misplaced([box, { ...box, x: 11, y: 7 }])).toHaveLength(1);
  expect(misplaced([{ ...box, x: 13 }])).toHaveLength(1);
});

test("each dashboard leads to the others, and all but the experiment's choose nodes by name", () => {
  for (const [name, { links, tags, templating, uid }] of DASHBOARDS) {
    expect(uid).toBe(`forklab-${name}`);
    expect(links).toMatchObject([{ type: "dashboards", tags, keepTime: true }]);
    const variables = (templating.list ?? []).map((variable) => variable.name);
    expect([name, variables]).toEqual([name, name === "experiment" ? [] : ["node"]]);
  }
});

test("the metrics of a process that are asked for are among those that prom-client collects, with these labels", async () => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const collected = new Map((await registry.getMetricsAsJSON()).map((metric) => [metric.name, metric]));
  for (const [name, { type, labels }] of Object.entries(PROCESS_METRICS)) {
    expect([name, collected.get(name)?.type]).toEqual([name, type]);
    for (const { labels: real } of collected.get(name)?.values ?? [])
      expect(Object.keys(real)).toEqual([...labels]);
  }
});

test("Prometheus of compose.yaml looks as often as the data source says, under the names of jobs that queries ask for", () => {
  const config = parse(readFileSync(new URL("prometheus/prometheus.yml", import.meta.url), "utf8"));
  expect(config.global.scrape_interval).toBe(`${SCRAPE_INTERVAL_SEC}s`);
  expect(config.rule_files).toEqual(["rules.yml"]);
  const jobs = config.scrape_configs.map((each: { job_name: string }) => each.job_name);
  expect(jobs).toContain("node");
});

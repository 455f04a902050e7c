import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SCRAPE_INTERVAL_SEC } from "../runner/observe/prometheus-config.ts";
import { allDashboards } from "./all-dashboards.ts";
import { drawDashboard } from "./picture/draw-dashboard.ts";
import { readMarks, readPanels } from "./picture/read-panels.ts";
import { PrometheusClient, type TimeRange } from "./prometheus-client.ts";

/**
 * Draws the dashboards where there is no Grafana: `node dashboards/draw.ts PROMETHEUS_URL FOLDER` asks the queries of every panel for the last
 * quarter of an hour, as far as nodes were seen in it, and writes an SVG for each dashboard.
 */
const LOOK_BACK_SEC = 900;

/** Samples of a line: more could not be told apart at the width of a panel. */
const SAMPLES_MAX = 150;

const [url, folder] = process.argv.slice(2);
if (url === undefined || folder === undefined) fail("usage: node dashboards/draw.ts PROMETHEUS_URL FOLDER");
const prometheus = new PrometheusClient(url);
const range = await seenRange(prometheus);
const nodes = await prometheus.range("forklab_node_info", range);
const firstNode = nodes.map(({ labels }) => labels.node ?? "").sort()[0] ?? "";
const [run] = await prometheus.instant("last_over_time(forklab_run_info[1h])", range.toSec);
const origin =
  run === undefined ? "" : `${run.labels.scenario}, seed ${run.labels.seed}, as ${run.labels.backend}, `;
mkdirSync(folder, { recursive: true });
for (const [name, dashboard] of allDashboards()) {
  const isOfOne = name === "node";
  const variables = { node: isOfOne ? firstNode : ".+", rateInterval: `${4 * SCRAPE_INTERVAL_SEC}s` };
  const text = drawDashboard({
    dashboard,
    panels: await readPanels(dashboard, prometheus, range, variables),
    marks: await readMarks(prometheus, range),
    fromSec: range.fromSec,
    toSec: range.toSec,
    subtitle: `${origin}${isOfOne ? `node ${firstNode}, ` : ""}${Math.round(range.toSec - range.fromSec)} s`,
  });
  writeFileSync(join(folder, `${name}.svg`), text);
}

/** The time in which as many nodes answered as ever did, and of a run that is observed the time from its start. */
async function seenRange(client: PrometheusClient): Promise<TimeRange> {
  const nowSec = Date.now() / 1_000;
  const lately = { fromSec: nowSec - LOOK_BACK_SEC, toSec: nowSec, stepSec: 1 };
  const counted = await client.range("count(forklab_chain_height_blocks)", lately);
  const running = await client.range("forklab_run_elapsed_seconds > 0", lately);
  const runningAt = new Set(running.flatMap((each) => each.samples.map(({ atSec }) => atSec)));
  const all = counted[0]?.samples ?? [];
  const nodeCount = Math.max(...all.map(({ value }) => value));
  const samples = all.filter(
    ({ atSec, value }) => value === nodeCount && (runningAt.size === 0 || runningAt.has(atSec)),
  );
  const [first, last] = [samples[0], samples.at(-1)];
  const began = running[0]?.samples[0];
  if (first === undefined || last === undefined)
    fail("Prometheus has seen no node in the last quarter of an hour");
  // Prometheus found the nodes of a run some seconds after its start; times count from the start all the same.
  const fromSec = Math.round(began === undefined ? first.atSec : began.atSec - began.value);
  const stepSec = Math.max(1, Math.ceil((last.atSec - fromSec) / SAMPLES_MAX));
  // The last sample of a line is then what panels show that have only one.
  const toSec = fromSec + Math.floor((last.atSec - fromSec) / stepSec) * stepSec;
  return { fromSec, toSec, stepSec };
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

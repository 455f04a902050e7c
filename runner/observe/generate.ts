import { readFileSync, writeFileSync } from "node:fs";
import { metricTable } from "../../node/metrics-page.ts";
import { RUN_METRICS } from "./run-metric-table.ts";

/** Writes docs/run-metrics.md; with `--check` only says, by exit status 1, that it is out of date. */
const PAGE = new URL("../../docs/run-metrics.md", import.meta.url);

export function runMetricsPage(): string {
  return [
    "# Metrics of a run",
    "",
    "Generated from `runner/observe/run-metric-table.ts` by `node runner/observe/generate.ts`; do not edit.",
    "",
    "`npm run scenario FILE -- --observe` serves these while the run lasts, at `http://127.0.0.1:9464/metrics` or at the address that follows",
    "the option. At `/targets` it tells where the nodes of the run serve theirs ([metrics.md](metrics.md)), as Prometheus' HTTP service discovery",
    "reads it. [dashboards.md](dashboards.md) shows both.",
    "",
    ...metricTable(RUN_METRICS),
    "",
  ].join("\n");
}

if (import.meta.main) {
  const text = runMetricsPage();
  if (!process.argv.includes("--check")) writeFileSync(PAGE, text);
  else if (readFileSync(PAGE, "utf8") !== text) {
    process.stderr.write("docs/run-metrics.md is out of date; run npm run generate\n");
    process.exitCode = 1;
  }
}

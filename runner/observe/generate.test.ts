import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { MetricRow } from "../../node/adapters/metrics/metric-table.ts";
import { runMetricsPage } from "./generate.ts";
import { RUN_METRICS } from "./run-metric-table.ts";

test("docs/run-metrics.md is what the table says; node runner/observe/generate.ts writes it", () => {
  expect(readFileSync(new URL("../../docs/run-metrics.md", import.meta.url), "utf8")).toBe(runMetricsPage());
});

test("every metric of a run is named forklab_run_<noun>, counters and only they end in _total, and has a sentence", () => {
  for (const [name, row] of Object.entries<MetricRow>(RUN_METRICS)) {
    expect(name).toMatch(/^forklab_run_[a-z_]+$/);
    expect([name, name.endsWith("_total")]).toEqual([name, row.type === "counter"]);
    expect(row.help).toMatch(/\.$/);
  }
});

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { METRICS, type MetricRow } from "./adapters/metrics/metric-table.ts";
import { generatedDocs } from "./generate-docs.ts";

test.each([...generatedDocs()])(
  "docs/%s is what the tables say; node node/generate-docs.ts writes it",
  (name, text) => {
    expect(readFileSync(new URL(`../docs/${name}`, import.meta.url), "utf8")).toBe(text);
  },
);

test("every metric is named forklab_<noun>_<unit>, counters and only they end in _total, and has a sentence", () => {
  for (const [name, row] of Object.entries<MetricRow>(METRICS)) {
    expect(name).toMatch(/^forklab_[a-z_]+$/);
    expect([name, name.endsWith("_total")]).toEqual([name, row.type === "counter"]);
    expect(row.help).toMatch(/\.$/);
    expect([name, row.buckets !== undefined]).toEqual([name, row.type === "histogram"]);
  }
});

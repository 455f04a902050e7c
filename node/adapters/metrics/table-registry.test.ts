import { expect, test } from "vitest";
import { MetricRegistry } from "./metric-registry.ts";
import type { MetricRow } from "./metric-table.ts";
import { METRICS } from "./metric-table.ts";
import { TableRegistry } from "./table-registry.ts";

const TABLE = {
  forks_total: {
    type: "counter",
    unit: "forks",
    labels: ["depth"],
    values: { depth: ["1", "2"] },
    help: "Forks.",
  },
  height: { type: "gauge", unit: "blocks", labels: [], help: "Height." },
  fee: { type: "histogram", unit: "coins", labels: [], help: "Fee.", buckets: [0, 5] },
} as const satisfies Readonly<Record<string, MetricRow>>;

const seriesOf = async (registry: { text(): Promise<string> }) =>
  (await registry.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));

test("what nobody set is absent, and not 0", async () => {
  const registry = new TableRegistry(TABLE);
  expect((await seriesOf(registry)).filter((line) => line.startsWith("height"))).toEqual([]);
  registry.set("height", 3);
  expect(await seriesOf(registry)).toContain("height 3");
});

test("counters whose labels are known start at 0, once they are told to", async () => {
  const registry = new TableRegistry(TABLE, { node: "a" });
  const forks = async () => (await seriesOf(registry)).filter((line) => line.startsWith("forks"));
  expect(await forks()).toEqual([]);
  registry.startAtZero();
  registry.add("forks_total", 2, { depth: "2" });
  expect(await forks()).toEqual(['forks_total{depth="1",node="a"} 0', 'forks_total{depth="2",node="a"} 2']);
});

test("a name and a label that are not in the table do not compile", () => {
  const registry = new TableRegistry(TABLE);
  // @ts-expect-error no such metric
  registry.add("forks", 1, { depth: "1" });
  // @ts-expect-error a gauge is set, not added to
  registry.add("height", 1);
  expect(() => {
    // @ts-expect-error no such label
    registry.add("forks_total", 1, { deep: "1" });
  }).toThrow(/deep/);
  // @ts-expect-error a label is missing
  registry.add("forks_total", 1);
});

test("all that a node exports under forklab_ is in the table, with no label beside those of the table and the node's name", async () => {
  const registry = new MetricRegistry("a");
  registry.startAtZero();
  for (const line of await seriesOf(registry)) {
    const [, name = "", labels = ""] = /^(forklab_\w+?)(?:_bucket|_sum|_count)?\{(.*)\}/.exec(line) ?? [];
    if (name === "") continue;
    const row: MetricRow | undefined = { ...METRICS }[name as keyof typeof METRICS];
    expect([name, row !== undefined]).toEqual([name, true]);
    const used = [...labels.matchAll(/(\w+)=/g)].map(([, label]) => label);
    const known = ["node", "le", ...(row?.labels ?? [])];
    expect([line, used.filter((label) => label !== undefined && !known.includes(label))]).toEqual([line, []]);
  }
});

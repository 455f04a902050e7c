import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { allDashboards, panelsOf } from "../all-dashboards.ts";
import { drawDashboard } from "./draw-dashboard.ts";
import { heatRows } from "./draw-heatmap.ts";
import { spansAtOne } from "./draw-state-timeline.ts";
import { lineOf } from "./draw-time-series.ts";
import { formatValue } from "./format-value.ts";
import type { FilledPanel } from "./read-panels.ts";
import { timeScale, valueScale } from "./scale.ts";
import { escapeXml } from "./svg.ts";

const PICTURE_BYTES_MAX = 300_000;

const series = (...values: number[]) => values.map((value, index) => ({ atSec: 1_000 + index, value }));

test.each([
  [0.0125, "s", "12.5 ms"],
  [0, "s", "0 s"],
  [4_200, "s", "70 min"],
  [40_000, "Hs", "40 kH/s"],
  [1_536, "decbytes", "1.54 kB"],
  [0.31, "percentunit", "31 %"],
  [17, "none", "17"],
  [3.5, "cps", "3.5/s"],
  [Number.NaN, "s", "–"],
])("%d in %s reads %s", (value, unit, text) => {
  expect(formatValue(value, unit)).toBe(text);
});

test("an axis has few round ticks from 0 to above the highest value, also where all are 0 or none is there", () => {
  const ticksOf = (...values: number[]) => valueScale(values, 100, 0).ticks;
  expect(ticksOf(3, 47)).toEqual([0, 20, 40, 60]);
  expect(ticksOf(0, 0)).toEqual([0, 0.5, 1]);
  expect(ticksOf()).toEqual([0, 0.5, 1]);
  expect(ticksOf(10)).toEqual([0, 5, 10, 15]);
  expect(ticksOf(Number.NaN, 0.004)).toEqual([0, 0.002, 0.004, 0.006]);
  const { at } = valueScale([47], 100, 0);
  expect([at(0), at(60)]).toEqual([100, 0]);
});

test("the ticks of time are whole steps after the start", () => {
  expect(timeScale(1_000, 1_060, 0, 600).ticks).toEqual([1_000, 1_010, 1_020, 1_030, 1_040, 1_050, 1_060]);
});

test("a line has a gap where there is no number, and a dot for a number alone", () => {
  const x = { at: (atSec: number) => atSec - 1_000, ticks: [] };
  const y = { at: (value: number) => value, ticks: [] };
  const { NaN: none } = Number;
  expect(lineOf(series(1, 2, none, 3, none, 4, 5), x, y)).toBe("M0 1L1 2M3 3h1M5 4L6 5");
});

test("buckets of a heat map hold what is between their bounds, in the order of the bounds", () => {
  const bucket = (le: string, ...values: number[]) => ({
    name: le,
    labels: { le },
    samples: series(...values),
  });
  const rows = heatRows([bucket("+Inf", 9, 4), bucket("10", 7, 4), bucket("2.5", 4, 0)]);
  expect(rows.map(({ upperBound }) => upperBound)).toEqual([2.5, 10, Number.POSITIVE_INFINITY]);
  expect(rows.map(({ counts }) => [...counts.values()])).toEqual([
    [4, 0],
    [3, 4],
    [2, 0],
  ]);
});

test("a state lasts from its first sample to the first of another, or to the end", () => {
  expect(spansAtOne(series(0, 1, 1, 0, 1))).toEqual([
    [1_001, 1_003],
    [1_004, 1_004],
  ]);
  expect(spansAtOne(series(0, 0))).toEqual([]);
});

/** Every panel with two series, one of them full of gaps. */
function filled(panels: readonly FilledPanel["panel"][]): FilledPanel[] {
  const labels = { le: "1", word: "<b>" };
  return panels.map((panel) => ({
    panel,
    series: [
      { name: '<"a"> & b', labels, samples: series(1, 2, 3) },
      { name: "none", labels, samples: series(Number.NaN, Number.POSITIVE_INFINITY, Number.NaN) },
    ],
  }));
}

test.each([...allDashboards()])(
  "%s is drawn whole, with names from outside as text and no place that is no number",
  (_name, dashboard) => {
    const common = {
      dashboard,
      marks: [{ atSec: 1_001, word: "<cut>" }],
      fromSec: 1_000,
      toSec: 1_002,
      subtitle: "x",
    };
    const svg = drawDashboard({ ...common, panels: filled(panelsOf(dashboard)) });
    expect(svg.split("\n").filter((line) => /NaN|Infinity|undefined/.test(line))).toEqual([]);
    expect(/<(b|cut|"a")>/.test(svg)).toBe(false);
    for (const { title = "" } of panelsOf(dashboard))
      expect([title, svg.includes(`>${escapeXml(title)}</text>`)]).toEqual([title, true]);
    const empty = drawDashboard({
      ...common,
      panels: panelsOf(dashboard).map((panel) => ({ panel, series: [] })),
    });
    expect(empty.split(">no data<")).toHaveLength(panelsOf(dashboard).length + 1);
  },
);

test.each([...allDashboards()])(
  "docs/dashboards/%s.svg shows the panels that there are, and all have data",
  (name, dashboard) => {
    const svg = readFileSync(new URL(`../../docs/dashboards/${name}.svg`, import.meta.url), "utf8");
    const how = "out of date; docs/dashboards.md says how it is drawn";
    for (const { title = "" } of panelsOf(dashboard))
      expect([title, svg.includes(`>${escapeXml(title)}</text>`)], how).toEqual([title, true]);
    expect(svg.includes("no data")).toBe(false);
    expect(svg.length).toBeLessThan(PICTURE_BYTES_MAX);
  },
);

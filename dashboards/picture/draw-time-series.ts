import type { Panel } from "@grafana/grafana-foundation-sdk/dashboard";
import type { Sample } from "../prometheus-client.ts";
import { namedColor, seriesColor } from "./colors.ts";
import type { Frame } from "./draw-dashboard.ts";
import { formatValue } from "./format-value.ts";
import type { FilledPanel, NamedSeries } from "./read-panels.ts";
import { clockText, type Scale, timeScale, valueScale } from "./scale.ts";
import { fitted, path, px, rect, text, textWidth } from "./svg.ts";

const AXIS_PX = 50;
const FOOT_PX = 18;
const LEGEND_LINE_PX = 15;
const LEGEND_LINES_MAX = 2;

/** The area of the lines, inside the axes. */
export interface Plot {
  readonly x: Scale;
  readonly y: Scale;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Lines or stacked bars over time, with axes, bounds, marks of faults and a legend. */
export function drawTimeSeries({ panel, series }: FilledPanel, frame: Frame): string[] {
  const isStacked = customOf(panel).drawStyle === "bars";
  const legend = legendLines(series, frame);
  const bottom = frame.bottom - legend.length * LEGEND_LINE_PX - FOOT_PX;
  const { unit = "none", max } = panel.fieldConfig?.defaults ?? {};
  const values = isStacked
    ? stackedHeights(series)
    : series.flatMap(({ samples }) => samples.map(({ value }) => value));
  const plot = plotOf(frame, bottom, valueScale(values, bottom, frame.top, max));
  return [
    ...drawAxes(plot, frame, (value) => formatValue(value, unit)),
    ...(isStacked ? drawBars(series, plot) : drawLines(series, plot)),
    ...(isStacked && !values.some((value) => value > 0) ? [nothing(plot)] : []),
    ...drawLimits(panel, plot),
    ...drawMarks(plot, frame),
    ...legend.flatMap((entries, line) =>
      drawLegendLine(entries, frame, bottom + FOOT_PX + (line + 1) * LEGEND_LINE_PX - 4),
    ),
  ];
}

/** Bars of no height cannot be seen; that there are none is said. */
function nothing({ left, right, top, bottom }: Plot): string {
  return text((left + right) / 2, (top + bottom) / 2, "0 all the time", {
    "text-anchor": "middle",
    class: "small",
  });
}

export function plotOf(frame: Frame, bottom: number, y: Scale): Plot {
  const left = frame.left + AXIS_PX;
  const { right, top } = frame;
  return { x: timeScale(frame.fromSec, frame.toSec, left, right - 6), y, left, right, top, bottom };
}

/** What Grafana keeps of a kind of panel is of no known shape. */
function customOf(panel: Panel): {
  readonly drawStyle?: unknown;
  readonly thresholdsStyle?: { readonly mode?: unknown };
} {
  return panel.fieldConfig?.defaults.custom ?? {};
}

export function drawAxes(
  { x, y, left, right, bottom }: Plot,
  { fromSec }: Frame,
  label: (value: number) => string,
): string[] {
  return [
    path(y.ticks.map((tick) => `M${px(left)} ${px(y.at(tick))}H${px(right)}`).join(""), { class: "grid" }),
    path(`M${px(left)} ${px(bottom)}H${px(right)}`, { class: "axis" }),
    ...y.ticks.map((tick) =>
      text(left - 6, y.at(tick) + 4, label(tick), { "text-anchor": "end", class: "small" }),
    ),
    ...x.ticks.map((tick) =>
      text(x.at(tick), bottom + 13, clockText(tick - fromSec), { "text-anchor": "middle", class: "small" }),
    ),
  ];
}

function drawLines(series: readonly NamedSeries[], { x, y }: Plot): string[] {
  return series.map(({ samples }, index) =>
    path(lineOf(samples, x, y), { class: "line", stroke: seriesColor(index) }),
  );
}

/** Not a number is a gap, as in Grafana; a sample alone between gaps is a dot. */
export function lineOf(samples: readonly Sample[], x: Scale, y: Scale): string {
  let isOpen = false;
  return samples
    .map(({ atSec, value }, index) => {
      if (!Number.isFinite(value)) {
        isOpen = false;
        return "";
      }
      const place = `${px(x.at(atSec))} ${px(y.at(value))}`;
      const isAlone = !isOpen && !Number.isFinite(samples[index + 1]?.value ?? Number.NaN);
      const step = isOpen ? `L${place}` : isAlone ? `M${place}h1` : `M${place}`;
      isOpen = true;
      return step;
    })
    .join("");
}

function stackedHeights(series: readonly NamedSeries[]): number[] {
  const sums = new Map<number, number>();
  for (const { samples } of series)
    for (const { atSec, value } of samples)
      if (Number.isFinite(value)) sums.set(atSec, (sums.get(atSec) ?? 0) + value);
  return [...sums.values()];
}

function drawBars(series: readonly NamedSeries[], { x, y }: Plot): string[] {
  const bases = new Map<number, number>();
  const times = [...new Set(series.flatMap(({ samples }) => samples.map(({ atSec }) => atSec)))].sort(
    (a, b) => a - b,
  );
  const [first = 0, second = first + 1] = times;
  const width = Math.max(1, x.at(second) - x.at(first) - 1);
  return series.flatMap(({ samples }, index) =>
    samples.flatMap(({ atSec, value }) => {
      if (!Number.isFinite(value) || value <= 0) return [];
      const base = bases.get(atSec) ?? 0;
      bases.set(atSec, base + value);
      const top = y.at(base + value);
      return [rect(x.at(atSec) - width / 2, top, width, y.at(base) - top, { fill: seriesColor(index) })];
    }),
  );
}

/** Bounds of what is good, where the values come near them. */
function drawLimits(panel: Panel, { y, left, right }: Plot): string[] {
  if (customOf(panel).thresholdsStyle?.mode !== "dashed") return [];
  const highest = y.ticks.at(-1) ?? 0;
  return (panel.fieldConfig?.defaults.thresholds?.steps ?? []).flatMap(({ value, color }) =>
    value === null || value > highest
      ? []
      : [path(`M${px(left)} ${px(y.at(value))}H${px(right)}`, { class: "limit", stroke: namedColor(color) })],
  );
}

/** Faults, with their words where there is room. */
export function drawMarks({ x, top, bottom, right }: Plot, { marks }: Frame): string[] {
  return marks.flatMap(({ atSec, word }) => {
    const at = x.at(atSec);
    const line = path(`M${px(at)} ${px(top)}V${px(bottom)}`, { class: "mark" });
    const fits = at + 4 + textWidth(word, 10) <= right;
    return fits ? [line, text(at + 4, top + 9, word, { class: "marked" })] : [line];
  });
}

interface LegendEntry {
  readonly name: string;
  readonly color: string;
}

/** Names from left to right, on as many lines as there is room for; the last one says how many are left out. */
function legendLines(series: readonly NamedSeries[], { left, right }: Frame): LegendEntry[][] {
  const lines: LegendEntry[][] = [[]];
  let usedPx = 0;
  for (const [index, { name }] of series.entries()) {
    const entry = { name: fitted(name, right - left - 30), color: seriesColor(index) };
    const widthPx = textWidth(entry.name) + 24;
    if (usedPx + widthPx > right - left && usedPx > 0) {
      if (lines.length === LEGEND_LINES_MAX) {
        const last = lines.at(-1);
        last?.splice(-1, 1, { name: `and ${series.length - index + 1} more`, color: "none" });
        break;
      }
      lines.push([]);
      usedPx = 0;
    }
    lines.at(-1)?.push(entry);
    usedPx += widthPx;
  }
  return lines;
}

function drawLegendLine(entries: readonly LegendEntry[], { left }: Frame, y: number): string[] {
  let at = left;
  return entries.flatMap(({ name, color }) => {
    const drawn = [rect(at, y - 6, 10, 3, { fill: color, rx: 1 }), text(at + 14, y, name)];
    at += textWidth(name) + 24;
    return drawn;
  });
}

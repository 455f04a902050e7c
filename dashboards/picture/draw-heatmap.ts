import type { Frame } from "./draw-dashboard.ts";
import { drawAxes, drawMarks, plotOf } from "./draw-time-series.ts";
import { formatValue } from "./format-value.ts";
import type { FilledPanel, NamedSeries } from "./read-panels.ts";
import type { Scale } from "./scale.ts";
import { rect, text } from "./svg.ts";

const FOOT_PX = 18;
const LEGEND_PX = 18;

/** One bucket of a histogram over time, its own observations only. */
export interface HeatRow {
  /** Infinite for the last. */
  readonly upperBound: number;
  readonly counts: ReadonlyMap<number, number>;
}

/** Cells of a histogram over time: the darker, the more observations. */
export function drawHeatmap({ panel, series }: FilledPanel, frame: Frame): string[] {
  const rows = shownRows(heatRows(series));
  const bottom = frame.bottom - FOOT_PX - LEGEND_PX;
  const cellHeight = (bottom - frame.top) / Math.max(1, rows.length);
  // Edges of the buckets are the ticks: 0, then the bounds.
  const y: Scale = {
    ticks: Array.from({ length: rows.length + 1 }, (_, index) => index),
    at: (edge) => bottom - edge * cellHeight,
  };
  const plot = plotOf(frame, bottom, y);
  const unit = panel.fieldConfig?.defaults.unit ?? "none";
  const edge = (index: number) => (index === 0 ? 0 : (rows[index - 1]?.upperBound ?? 0));
  const highest = Math.max(1e-9, ...rows.flatMap(({ counts }) => [...counts.values()]));
  const times = [...new Set(rows.flatMap(({ counts }) => [...counts.keys()]))].sort((a, b) => a - b);
  const [first = 0, second = first + 1] = times;
  const cellWidth = plot.x.at(second) - plot.x.at(first);
  const cells = rows.flatMap(({ counts }, index) =>
    [...counts].flatMap(([atSec, count]) => {
      const x = plot.x.at(atSec) - cellWidth;
      return count / highest < 0.01 || x < plot.left - 1
        ? []
        : [rect(x, y.at(index + 1), cellWidth - 0.6, cellHeight - 0.6, { fill: shade(count / highest) })];
    }),
  );
  return [
    ...drawAxes(plot, frame, (index) => formatValue(edge(index), unit)),
    ...cells,
    ...drawMarks(plot, frame),
    ...drawShades(frame, highest),
  ];
}

/** From the cumulative buckets of Prometheus, by their bounds; what a bucket holds beyond the one below it is its own. */
export function heatRows(series: readonly NamedSeries[]): HeatRow[] {
  const cumulative = series
    .map(({ labels, samples }) => ({
      upperBound: labels.le === "+Inf" ? Number.POSITIVE_INFINITY : Number(labels.le),
      counts: new Map(
        samples.flatMap(({ atSec, value }) => (Number.isFinite(value) ? [[atSec, value] as const] : [])),
      ),
    }))
    .sort((a, b) => a.upperBound - b.upperBound);
  return cumulative.map(({ upperBound, counts }, index) => ({
    upperBound,
    counts: new Map(
      [...counts].map(([atSec, value]) => [atSec, value - (cumulative[index - 1]?.counts.get(atSec) ?? 0)]),
    ),
  }));
}

/** Up to the highest bucket that ever held anything. */
function shownRows(rows: readonly HeatRow[]): readonly HeatRow[] {
  const last = rows.findLastIndex(({ counts }) => [...counts.values()].some((count) => count > 0));
  return rows.slice(0, last + 1);
}

/** White to a dark blue. */
function shade(ratio: number): string {
  const mix = (light: number, dark: number) => Math.round(light + (dark - light) * Math.sqrt(ratio));
  return `rgb(${mix(230, 8)},${mix(240, 48)},${mix(252, 107)})`;
}

function drawShades({ left, bottom }: Frame, highest: number): string[] {
  const steps = [0, 0.1, 0.25, 0.5, 0.75, 1];
  return [
    text(left, bottom, "transactions in a cell: 0"),
    ...steps.map((step, index) => rect(left + 168 + index * 22, bottom - 9, 21, 10, { fill: shade(step) })),
    text(left + 168 + steps.length * 22 + 6, bottom, formatValue(highest, "none")),
  ];
}

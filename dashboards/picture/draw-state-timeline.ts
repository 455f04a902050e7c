import type { Sample } from "../prometheus-client.ts";
import { seriesColor } from "./colors.ts";
import type { Frame } from "./draw-dashboard.ts";
import { drawAxes, drawMarks, plotOf } from "./draw-time-series.ts";
import type { FilledPanel } from "./read-panels.ts";
import type { Scale } from "./scale.ts";
import { fitted, rect, text } from "./svg.ts";

const FOOT_PX = 18;
const NAME_PX = 80;
/** What `plotOf` leaves for the values of an axis. */
const AXIS_PX = 50;

/** A row for each series: its name, and bars while it is at 1. */
export function drawStateTimeline({ series }: FilledPanel, frame: Frame): string[] {
  const bottom = frame.bottom - FOOT_PX;
  const rowHeight = (bottom - frame.top) / series.length;
  const y: Scale = { ticks: series.map((_, index) => index), at: (row) => frame.top + row * rowHeight };
  const plot = plotOf({ ...frame, left: frame.left + NAME_PX - AXIS_PX }, bottom, y);
  const rows = series.flatMap(({ name, samples }, index) => {
    const top = y.at(index);
    const bars = spansAtOne(samples).map(([fromSec, toSec]) => {
      const left = plot.x.at(fromSec);
      return rect(left, top + 5, plot.x.at(toSec) - left, rowHeight - 10, {
        fill: seriesColor(index),
        rx: 2,
      });
    });
    return [text(frame.left, top + rowHeight / 2 + 4, fitted(name, NAME_PX - 6)), ...bars];
  });
  return [...drawAxes(plot, frame, () => ""), ...rows, ...drawMarks(plot, frame)];
}

/** From each first sample at 1 to the next that is not, or to the last. */
export function spansAtOne(samples: readonly Sample[]): readonly (readonly [number, number])[] {
  const spans: [number, number][] = [];
  let openSec: number | null = null;
  for (const { atSec, value } of samples) {
    if (value === 1) openSec ??= atSec;
    else if (openSec !== null) {
      spans.push([openSec, atSec]);
      openSec = null;
    }
  }
  const last = samples.at(-1);
  if (openSec !== null && last !== undefined) spans.push([openSec, last.atSec]);
  return spans;
}

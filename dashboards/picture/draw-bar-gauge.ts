import { seriesColor } from "./colors.ts";
import type { Frame } from "./draw-dashboard.ts";
import { formatValue } from "./format-value.ts";
import type { FilledPanel, NamedSeries } from "./read-panels.ts";
import { fitted, rect, text } from "./svg.ts";

const LINE_PX = 24;
const LINE_PX_MIN = 14;
const NAME_PX = 80;
const VALUE_PX = 44;

/** A bar for each series, the names before and the values behind. */
export function drawBarGauge({ panel, series }: FilledPanel, { left, right, top, bottom }: Frame): string[] {
  const line = Math.max(LINE_PX_MIN, Math.min(LINE_PX, (bottom - top) / series.length));
  const shown = series.slice(0, Math.floor((bottom - top) / line));
  const highest = Math.max(1, ...shown.map(({ samples }) => numberOf(samples)));
  const unit = panel.fieldConfig?.defaults.unit ?? "none";
  return shown.flatMap(({ name, samples }, index) => {
    const value = numberOf(samples);
    const y = top + index * line;
    const room = right - left - NAME_PX - VALUE_PX;
    return [
      text(left, y + line / 2 + 3, fitted(name, NAME_PX - 6)),
      rect(left + NAME_PX, y + 2, room, line - 5, { fill: "#f0f2f5", rx: 2 }),
      rect(left + NAME_PX, y + 2, (Math.max(0, value) / highest) * room, line - 5, {
        fill: seriesColor(0),
        rx: 2,
      }),
      text(right, y + line / 2 + 3, formatValue(value, unit), { "text-anchor": "end" }),
    ];
  });
}

/** What has no number has no bar. */
function numberOf(samples: NamedSeries["samples"]): number {
  const value = samples.at(-1)?.value ?? 0;
  return Number.isFinite(value) ? value : 0;
}

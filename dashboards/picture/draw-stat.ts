import { thresholdColor } from "./colors.ts";
import type { Frame } from "./draw-dashboard.ts";
import { lineOf } from "./draw-time-series.ts";
import { formatValue } from "./format-value.ts";
import type { FilledPanel, NamedSeries } from "./read-panels.ts";
import { timeScale, valueScale } from "./scale.ts";
import { fitted, path, text, textWidth } from "./svg.ts";

const BIG_PX = 26;
const MIDDLING_PX = 17;

/** The last value of each series, large, over a faint line of how it came there; or the names of the series, where they are what is asked. */
export function drawStat({ panel, series }: FilledPanel, frame: Frame): string[] {
  const isNamed = panel.options?.textMode === "name";
  if (isNamed) return drawNames(series, frame);
  const { unit = "none", decimals } = panel.fieldConfig?.defaults ?? {};
  const width = (frame.right - frame.left) / series.length;
  const values = series.map(({ samples }) => lastNumber(samples));
  const isTight = values.some((value) => textWidth(formatValue(value, unit, decimals), BIG_PX) > width - 6);
  return series.flatMap(({ name, samples }, index) => {
    const value = values[index] ?? Number.NaN;
    const left = frame.left + index * width;
    const color = thresholdColor(panel, value);
    const part = { ...frame, left, right: left + width - 6 };
    const shown = formatValue(value, unit, decimals);
    const size = isTight ? "middling" : "big";
    return [
      drawSpark(samples, part, color),
      text(left, frame.top + 26, shown, { class: size, style: `fill:${color}` }),
      ...(series.length > 1 ? [text(left, frame.top + 44, name, { class: "small" })] : []),
    ];
  });
}

function lastNumber(samples: NamedSeries["samples"]): number {
  return samples.findLast(({ value }) => Number.isFinite(value))?.value ?? Number.NaN;
}

function drawNames(series: readonly NamedSeries[], { left, right, top }: Frame): string[] {
  const names = [...new Set(series.map(({ name }) => name))].join(", ");
  const isLong = textWidth(names, MIDDLING_PX) > right - left;
  return isLong ? drawWrapped(names, left, right, top) : [text(left, top + 28, names, { class: "middling" })];
}

/** On two lines of the ordinary size, broken between words. */
function drawWrapped(names: string, left: number, right: number, top: number): string[] {
  const words = names.split(" ");
  let first = "";
  while (words[0] !== undefined && textWidth(`${first} ${words[0]}`) <= right - left)
    first += ` ${words.shift()}`;
  return [text(left, top + 18, first.trim()), text(left, top + 34, fitted(words.join(" "), right - left))];
}

function drawSpark(
  samples: NamedSeries["samples"],
  { left, right, bottom, fromSec, toSec }: Frame,
  color: string,
): string {
  const values = samples.map(({ value }) => value);
  const x = timeScale(fromSec, toSec, left, right);
  return path(lineOf(samples, x, valueScale(values, bottom, bottom - 24)), {
    class: "line",
    stroke: color,
    "stroke-opacity": 0.35,
  });
}

import { MICROS_PER_MS, MICROS_PER_SEC, type Micros } from "../../node/core/support/micros.ts";
import type { Figure, FigureKind } from "./figure.ts";

/** What stands for a figure that was not measured. Never 0, which would be a measurement. */
export const ABSENT = "–";

const MICROS_PER_MINUTE = 60 * MICROS_PER_SEC;

/** A time for people, to three figures or so: "0.8 ms", "412 ms", "3.42 s", "12 min 5 s". */
export function durationText(us: Micros | null): string {
  if (us === null) return ABSENT;
  const size = Math.abs(us);
  if (size < 10 * MICROS_PER_MS) return `${trimmed(us / MICROS_PER_MS, 1)} ms`;
  if (size < MICROS_PER_SEC) return `${Math.round(us / MICROS_PER_MS)} ms`;
  if (size < 10 * MICROS_PER_SEC) return `${trimmed(us / MICROS_PER_SEC, 2)} s`;
  if (size < 10 * MICROS_PER_MINUTE) return `${trimmed(us / MICROS_PER_SEC, 1)} s`;
  const seconds = Math.round(us / MICROS_PER_SEC);
  const minutes = Math.trunc(seconds / 60);
  const rest = Math.abs(seconds % 60);
  return `${grouped(minutes)} min${rest === 0 ? "" : ` ${rest} s`}`;
}

/** A share in percent: "2.08 %"; small ones keep two figures. */
export function ratioText(ratio: number | null): string {
  if (ratio === null) return ABSENT;
  const percent = ratio * 100;
  const decimals = percent !== 0 && percent < 0.1 ? 3 : 2;
  return `${trimmed(percent, decimals)} %`;
}

/** A count with its thousands apart: "12,345". */
export function countText(count: number | null): string {
  return count === null ? ABSENT : grouped(count);
}

/** Any other number, three figures kept of small ones. */
export function numberText(value: number | null): string {
  if (value === null) return ABSENT;
  return Math.abs(value) >= 1_000
    ? grouped(Math.round(value))
    : trimmed(value, Math.abs(value) >= 100 ? 1 : 2);
}

/** The value of a figure with its unit, as a sentence wants it. */
export function figureText({ kind, unit }: Pick<Figure, "kind" | "unit">, value: number | null): string {
  if (value === null) return ABSENT;
  const text = TEXTS[kind](value);
  if ((kind !== "count" && kind !== "number") || unit === null) return text;
  // Units of counts are plain plurals.
  return `${text} ${kind === "count" && value === 1 ? unit.replace(/s$/, "") : unit}`;
}

const TEXTS: Record<FigureKind, (value: number) => string> = {
  us: durationText,
  ratio: ratioText,
  count: countText,
  number: numberText,
};

function trimmed(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** By hand, so that the machine's locale has no say. */
function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

import { invariant } from "../../node/core/support/invariant.ts";
import type { Micros } from "../../node/core/support/micros.ts";
import type { CellKind, CellValue, Column } from "./column.ts";

/** RFC 4180 ends every record, the last too, with both. */
export const RECORD_END = "\r\n";

const NEEDS_QUOTES = /[",\r\n]/;

/** Digits after the point of a ratio: finer than any run of fewer than a million blocks can tell. */
const RATIO_DECIMALS = 6;
/** Digits after the point of other measured numbers. */
const NUMBER_DECIMALS = 3;

/** The names of the columns as the first record of a file. */
export function headerText<Row>(columns: readonly Column<Row>[]): string {
  return columns.map((each) => quoted(each.name)).join(",") + RECORD_END;
}

/**
 * One record of RFC 4180. Joined here and not by csv-stringify, which takes 8 us to join a row as wide as those of
 * events.csv (Node 24): 40 s for the 5 million events of a large simulated network, which take 3.5 s this way, reading
 * and hashing included. The tests hold it against csv-stringify and csv-parse.
 */
export function recordText<Row>(columns: readonly Column<Row>[], row: Row): string {
  let text = "";
  let isFirst = true;
  for (const each of columns) {
    if (isFirst) isFirst = false;
    else text += ",";
    const value = each.value(row);
    if (value !== null) text += cellText(each.kind, value);
  }
  return text + RECORD_END;
}

/** The text of one cell, quoted if it has to be. */
export function cellText(kind: CellKind, value: CellValue): string {
  if (value === null) return "";
  // Digits need no quotes, and most of what is written are hashes.
  if (typeof value === "string") return kind === "hash" || kind === "hashes" ? value : quoted(value);
  if (typeof value === "number") {
    invariant(Number.isFinite(value), "a figure that is no number must be null");
    if (kind === "ms") return msText(value);
    if (kind === "ratio") return decimalText(value, RATIO_DECIMALS);
    if (kind === "number") return decimalText(value, NUMBER_DECIMALS);
    invariant(Number.isInteger(value), `${value} stands in a column of integers`);
  }
  return String(value);
}

/** Whole microseconds as milliseconds with three decimals, by whole-number arithmetic: 1500 is "1.500". */
export function msText(us: Micros): string {
  invariant(Number.isSafeInteger(us), `${us} is not whole microseconds`);
  const size = Math.abs(us);
  const fraction = size % 1_000;
  const whole = (size - fraction) / 1_000;
  const digits = fraction < 10 ? `00${fraction}` : fraction < 100 ? `0${fraction}` : `${fraction}`;
  return `${us < 0 ? "-" : ""}${whole}.${digits}`;
}

/** Rounded to so many decimals, without trailing zeros, and never as an exponent. */
export function decimalText(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  if (!text.includes(".")) return text;
  const short = text.replace(/\.?0+$/, "");
  return short === "-0" ? "0" : short;
}

function quoted(text: string): string {
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

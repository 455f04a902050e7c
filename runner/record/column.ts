import type { Micros } from "../../node/core/support/micros.ts";

/** What a cell may hold; `null` is "not measured" or "does not apply", and becomes an empty cell, never 0. */
export type CellValue = string | number | bigint | boolean | null;

/**
 * How a column's values are written and what they mean.
 * - `ms`: integer microseconds, written as milliseconds with three decimals, exactly;
 * - `integer`, `text`, `hash`, `boolean`: as they are; - `hashes`: hashes with a space between;
 * - `ratio`: 0 to 1, six decimals at most; - `number`: any other measured number, three decimals at most.
 */
export type CellKind = "ms" | "integer" | "text" | "hash" | "hashes" | "boolean" | "ratio" | "number";

/** One column: the writer, the data package and the page of results are all made from it. */
export interface Column<Row> {
  /** `snake_case`, unit last. */
  readonly name: string;
  readonly kind: CellKind;
  /** Of a `ms` column always "ms"; null where a value has none. */
  readonly unit: string | null;
  /** One full sentence. */
  readonly meaning: string;
  readonly value: (row: Row) => CellValue;
}

/** One CSV file. `Row` is what the analysis gives; `key` are the columns that tell one row from all others. */
export interface Table<Row> {
  readonly file: string;
  readonly title: string;
  /** What one row is, and in which order they come. */
  readonly meaning: string;
  readonly key: readonly string[];
  readonly columns: readonly Column<Row>[];
}

/** A column of times in ms, from integer microseconds. */
export function msColumn<Row>(
  name: string,
  meaning: string,
  value: (row: Row) => Micros | null,
): Column<Row> {
  return { name, kind: "ms", unit: "ms", meaning, value };
}

/** A column of any other kind. */
export function column<Row>(
  name: string,
  kind: Exclude<CellKind, "ms">,
  unit: string | null,
  meaning: string,
  value: (row: Row) => CellValue,
): Column<Row> {
  return { name, kind, unit, meaning, value };
}

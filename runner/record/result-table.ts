import type { Column, Table } from "./column.ts";
import { headerText, recordText } from "./csv-text.ts";
import type { FinishedRun } from "./finished-run.ts";

/** What a column says of itself: enough for the data package and the page of results. */
export type ColumnDescription = Pick<Column<never>, "name" | "kind" | "unit" | "meaning">;

/** A file of the results folder, whatever its rows are made of. */
export interface ResultTable {
  readonly file: string;
  readonly title: string;
  readonly meaning: string;
  readonly key: readonly string[];
  readonly columns: readonly ColumnDescription[];
  /** The header and each record of RFC 4180, with its end. */
  readonly lines: (run: FinishedRun) => Iterable<string>;
}

/** Joins a table to where its rows come from, which hides the type of its rows. */
export function resultTable<Row>(
  table: Table<Row>,
  rowsOf: (run: FinishedRun) => Iterable<Row>,
): ResultTable {
  return {
    file: table.file,
    title: table.title,
    meaning: table.meaning,
    key: table.key,
    columns: table.columns,
    *lines(run) {
      yield headerText(table.columns);
      for (const row of rowsOf(run)) yield recordText(table.columns, row);
    },
  };
}

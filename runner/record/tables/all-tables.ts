import type { ResultTable } from "../result-table.ts";
import { blocksTable, forksTable, propagationTable, reorgsTable } from "./block-tables.ts";
import { eventsTable } from "./events-table.ts";
import { faultsTable, nodesTable, summaryTable, transactionsTable } from "./run-tables.ts";

/** Every CSV file of a results folder, in the order in which a reader wants to hear of them. */
export const RESULT_TABLES: readonly ResultTable[] = [
  summaryTable,
  blocksTable,
  propagationTable,
  forksTable,
  reorgsTable,
  transactionsTable,
  nodesTable,
  faultsTable,
  eventsTable,
];

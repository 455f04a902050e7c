import { cellText, headerText, RECORD_END } from "../csv-text.ts";
import type { ResultTable } from "../result-table.ts";
import type { RunEvent } from "../run-event.ts";
import { EVENT_COLUMNS, type EventColumn } from "./event-columns.ts";

/** events.csv: the journal itself, nothing left out, so that every other file can be computed again from it. */
export const eventsTable: ResultTable = {
  file: "events.csv",
  title: "Events",
  meaning:
    "Everything that was recorded, one row an event, in the order of time, then of arrival. All other files are computed from this one and the scenario; its SHA-256 is in manifest.json.",
  key: [],
  columns: EVENT_COLUMNS,
  lines: (run) => eventLogText(run.events),
};

/** The text of events.csv, which is the canonical form of a journal: header, then one record an event. */
export function* eventLogText(events: Iterable<RunEvent>): Generator<string> {
  yield headerText(EVENT_COLUMNS);
  for (const event of events) yield eventRecordText(event);
}

/** A column that an event fills, and the commas from the one before it. */
interface Cell {
  readonly commas: string;
  readonly column: EventColumn;
}

interface Shape {
  readonly cells: readonly Cell[];
  readonly end: string;
}

/** For each type of event where its values stand in the record: most rows fill 4 to 8 of the 35 columns. */
const SHAPES = new Map<RunEvent["type"], Shape>();

/** The record of one event: as `recordText` would write it, in a third of the time. */
export function eventRecordText(event: RunEvent): string {
  let shape = SHAPES.get(event.type);
  if (shape === undefined) {
    shape = shapeOf(event.type);
    SHAPES.set(event.type, shape);
  }
  let text = "";
  for (const { commas, column } of shape.cells) text += commas + cellText(column.kind, column.value(event));
  return text + shape.end;
}

function shapeOf(type: RunEvent["type"]): Shape {
  const cells: Cell[] = [];
  let commas = "";
  for (const [i, column] of EVENT_COLUMNS.entries()) {
    if (i > 0) commas += ",";
    if (column.types !== null && !column.types.has(type)) continue;
    cells.push({ commas, column });
    commas = "";
  }
  return { cells, end: commas + RECORD_END };
}

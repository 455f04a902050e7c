import { closeSync, openSync, writeSync } from "node:fs";
import { headerText } from "./csv-text.ts";
import type { JournalSink } from "./journal.ts";
import type { RunEvent } from "./run-event.ts";
import { EVENT_COLUMNS } from "./tables/event-columns.ts";
import { eventLogText, eventRecordText } from "./tables/events-table.ts";
import { hashText } from "./text-file.ts";

/** The name of the growing log; it gives way to events.csv, which is the same rows in order of time. */
export const PARTIAL_EVENTS_FILE = "events.csv.part";

/** SHA-256 over `eventLogText`, in hex: two runs with one hash recorded the same. Equals `sha256sum events.csv`. */
export function hashEvents(events: Iterable<RunEvent>): string {
  return hashText(eventLogText(events));
}

/**
 * The log of a live run on disk, in the order of arrival. Each event is handed to the operating system before `append`
 * returns, with no buffer of ours between, so it survives a crash of the runner or a kill -9 (not a loss of power).
 * That costs about 2.5 us an event; simulated runs, which can simply be run again, do without.
 */
export class EventLogFile {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, "wx");
    writeSync(this.#file, headerText(EVENT_COLUMNS));
  }

  /** For `new Journal({ sink: log.append })`. */
  readonly append: JournalSink = (event) => {
    writeSync(this.#file, eventRecordText(event));
  };

  close(): void {
    closeSync(this.#file);
  }
}

import { rm } from "node:fs/promises";
import { join } from "node:path";
import { dataPackage } from "./data-package.ts";
import { PARTIAL_EVENTS_FILE } from "./event-log.ts";
import type { FinishedRun } from "./finished-run.ts";
import { jsonText, manifestOf, type RunFacts } from "./manifest.ts";
import { RESULT_TABLES } from "./tables/all-tables.ts";
import { eventsTable } from "./tables/events-table.ts";
import { writeTextFile } from "./text-file.ts";

/** What was written: the files in their order, and the hash of the event log. */
export interface WrittenResults {
  readonly files: readonly string[];
  readonly eventLogSha256: string;
}

/**
 * Writes every file of a results folder but the report page and the logs. In a simulated run the CSV files,
 * verdict.json and datapackage.json are the same bytes on every machine; manifest.json is not.
 * The manifest comes last: a folder that has one is complete. `events.csv.part` goes once events.csv is whole.
 */
export async function writeResults(
  folder: string,
  run: FinishedRun,
  facts: RunFacts,
): Promise<WrittenResults> {
  const files: string[] = [];
  const write = (file: string, pieces: Iterable<string>) => {
    files.push(file);
    return writeTextFile(join(folder, file), pieces);
  };

  // Events first: with these, everything else can be computed again.
  const sha256 = await write(eventsTable.file, eventsTable.lines(run));
  await rm(join(folder, PARTIAL_EVENTS_FILE), { force: true });
  for (const table of RESULT_TABLES) if (table !== eventsTable) await write(table.file, table.lines(run));

  await write("verdict.json", [jsonText(run.verdict)]);
  await write("datapackage.json", [jsonText(dataPackage(packageName(run.plan.name), RESULT_TABLES))]);
  const log = { sha256, eventCount: countOf(run.events) };
  await write("manifest.json", [jsonText(manifestOf(run.plan, facts, log))]);
  return { files, eventLogSha256: sha256 };
}

/** A package is named in lower case, with `-`, `_`, `.` and digits. */
function packageName(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9._-]+/g, "-");
}

function countOf(events: Iterable<unknown>): number {
  let count = 0;
  for (const _ of events) count++;
  return count;
}

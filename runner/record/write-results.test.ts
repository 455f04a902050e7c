import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parse } from "csv-parse/sync";
import { afterEach, beforeEach, expect, test } from "vitest";
import { analyse } from "../analysis/analyse.ts";
import { judge } from "../check/judge.ts";
import { aJournal, aPlan } from "./a-journal.ts";
import { recordText } from "./csv-text.ts";
import { EventLogFile, hashEvents, PARTIAL_EVENTS_FILE } from "./event-log.ts";
import type { FinishedRun } from "./finished-run.ts";
import { Journal } from "./journal.ts";
import type { RunFacts } from "./manifest.ts";
import { createRunFolder, switchLatest } from "./results-folder.ts";
import type { RunEvent } from "./run-event.ts";
import { RESULT_TABLES } from "./tables/all-tables.ts";
import { EVENT_COLUMNS } from "./tables/event-columns.ts";
import { eventLogText, eventRecordText } from "./tables/events-table.ts";
import { writeResults } from "./write-results.ts";

let root = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "forklab-results-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const START = new Date("2026-03-14T09:26:53.589Z");

function facts(finishedAt = START): RunFacts {
  return {
    scenario: { name: "example", balance: 5n },
    backend: "sim",
    command: "npm run scenario example.yaml -- --seed 1",
    modelVersion: 1,
    engine: null,
    startedAt: START,
    finishedAt,
    interrupted: false,
  };
}

function aRun(): FinishedRun {
  const plan = aPlan({
    timeline: [
      { index: 0, atUs: 1_000_000, description: "heal: all", fault: { word: "heal", links: null } },
      { index: 1, atUs: 9_000_000, description: "crash: 1", fault: { word: "crash", nodes: [1] } },
    ],
  });
  const events = aJournal()
    .submit(0, 5, "t1")
    .submit(0, 6, "t2", "refused")
    .mine(0, 10, "a", "00", { transactionIds: ["t1"] })
    .mine(1, 11, "x")
    .receive(0, 60.5, "x")
    .adopt(1, 62, "a")
    .mine(1, 100, "b", "a")
    .adopt(0, 140.25, "b")
    .fault(1_000, "heal", { evidence: 'link "0>1", both ways' })
    .sample(0, 2_000, { height: 2, tipHash: "b", hashesPerSecAsked: 10, hashesPerSecAchieved: 9.87654 })
    .build();
  const analysis = analyse(plan, events);
  const context = { isLive: false, interrupted: false, nodeEnds: null };
  return { plan, backend: "sim", events, analysis, verdict: judge(plan, analysis, context) };
}

test("every table is written with the columns that the data package declares, and reads back", async () => {
  await writeResults(root, aRun(), facts());
  const description = JSON.parse(await readFile(join(root, "datapackage.json"), "utf8"));
  expect(description.resources.map((each: { path: string }) => each.path)).toEqual(
    RESULT_TABLES.map((each) => each.file),
  );
  for (const resource of description.resources) {
    const records: string[][] = parse(await readFile(join(root, resource.path), "utf8"), {
      record_delimiter: "\r\n",
    });
    const fields: { name: string; type: string; description: string }[] = resource.schema.fields;
    expect(records[0]).toEqual(fields.map((field) => field.name));
    for (const record of records.slice(1))
      for (const [i, cell] of record.entries())
        expect(cell, `${resource.path} ${fields[i]?.name}`).toMatch(SHAPES[fields[i]?.type ?? ""] ?? /x/);
    const key: string[] = resource.schema.primaryKey ?? [];
    const keys = records
      .slice(1)
      .map((record) => key.map((name) => record[fields.findIndex((each) => each.name === name)]).join());
    if (key.length > 0) expect(new Set(keys).size, resource.path).toBe(records.length - 1);
    for (const field of fields) expect(field.description).toMatch(/^[A-Za-z].*\.$/s);
  }
});

/** What a cell of each declared type may look like; all may be empty. */
const SHAPES: Record<string, RegExp> = {
  number: /^(-?\d+(\.\d+)?)?$/,
  integer: /^(-?\d+)?$/,
  boolean: /^(true|false)?$/,
  string: /^/,
};

test("rows tell what happened, in ms with three decimals, and leave empty what did not", async () => {
  await writeResults(root, aRun(), facts());
  const rows = async (file: string): Promise<Record<string, string>[]> =>
    parse(await readFile(join(root, file), "utf8"), { columns: true, record_delimiter: "\r\n" });
  expect(await rows("propagation.csv")).toMatchObject([
    { block_hash: "a", node: "1", arrived_after_ms: "52.000" },
    { block_hash: "x", node: "0", arrived_after_ms: "49.500" },
    { block_hash: "b", node: "0", arrived_after_ms: "40.250" },
  ]);
  expect(await rows("forks.csv")).toMatchObject([
    { height: "1", blocks: "2", winner_hash: "a", branch_blocks_max: "1" },
  ]);
  expect(await rows("reorgs.csv")).toMatchObject([
    { node: "1", depth: "1", from_hash: "x", to_hash: "a", common_height: "0" },
  ]);
  expect(await rows("transactions.csv")).toMatchObject([
    { transaction_id: "t1", status: "confirmed", confirmed_after_ms: "5.000" },
    { transaction_id: "t2", status: "refused", depth: "", confirmed_after_ms: "", code: "code-refused" },
  ]);
  expect(await rows("nodes.csv")).toMatchObject([{ hashes_per_s_achieved: "9.877", resident_bytes: "" }]);
  expect(await rows("faults.csv")).toMatchObject([
    {
      word: "heal",
      applied_ms: "1000.000",
      probed: "true",
      converged_after_ms: "0.000",
      evidence: 'link "0>1", both ways',
    },
    { word: "crash", applied_ms: "", probed: "", converged_after_ms: "" },
  ]);
  expect(await rows("summary.csv")).toMatchObject([
    { scenario: "example", blocks_mined: "3", stale_ratio: "0.5" },
  ]);
});

test("two writings of a simulated run differ in nothing but the manifest", async () => {
  const [first, second] = [join(root, "1"), join(root, "2")];
  const folders = [
    await createRunFolder(first, "example", "1", START),
    await createRunFolder(second, "example", "1", START),
  ];
  await writeResults(folders[0] ?? "", aRun(), facts());
  await writeResults(folders[1] ?? "", aRun(), facts(new Date(START.getTime() + 5_000)));
  for (const file of (await readdir(folders[0] ?? "")).filter(
    (name) => name !== "logs" && name !== "manifest.json",
  ))
    expect(await readFile(join(folders[0] ?? "", file), "utf8"), file).toBe(
      await readFile(join(folders[1] ?? "", file), "utf8"),
    );
});

test("the manifest names the event log by the hash that sha256sum gives", async () => {
  const run = aRun();
  const { eventLogSha256 } = await writeResults(root, run, facts());
  const manifest = JSON.parse(await readFile(join(root, "manifest.json"), "utf8"));
  const digest = createHash("sha256")
    .update(await readFile(join(root, "events.csv")))
    .digest("hex");
  expect([manifest.eventLogSha256, eventLogSha256, hashEvents(run.events)]).toEqual([digest, digest, digest]);
  expect(manifest).toMatchObject({ seed: "1", scenario: { balance: "5" }, eventCount: 17 });
});

test("the short way to write an event gives what the plain one gives", () => {
  for (const event of aRun().events) expect(eventRecordText(event)).toBe(recordText(EVENT_COLUMNS, event));
});

test("events.csv leaves nothing out: whatever changes in an event changes its record", () => {
  const others = aJournal()
    .change(0, 1, "started")
    .sample(0, 2, { height: 1 })
    .event({ type: "block-refused", atUs: 3, node: 1, hash: "z", code: "high-hash" })
    .build();
  for (const event of [...aRun().events, ...others])
    for (const [field, value] of Object.entries(event)) {
      if (field === "type") continue;
      const changed = { ...event, [field]: anotherThan(value) } as RunEvent;
      expect(eventRecordText(changed), `${event.type} ${field}`).not.toBe(eventRecordText(event));
    }
});

function anotherThan(value: unknown): unknown {
  if (value === null) return 1;
  if (typeof value === "boolean") return !value;
  if (typeof value === "bigint") return value + 1n;
  if (typeof value === "number") return value + 1;
  return Array.isArray(value) ? [...value, "more"] : `${value}more`;
}

test("a live log holds each event as soon as it is appended, and gives way to events.csv", async () => {
  const path = join(root, PARTIAL_EVENTS_FILE);
  const log = new EventLogFile(path);
  const journal = new Journal({ sink: log.append });
  const run = aRun();
  const seen = [];
  for (const event of run.events) {
    journal.append(event);
    seen.push(event);
    // Nothing was closed or flushed: this is what a kill -9 would leave.
    expect(await readFile(path, "utf8")).toBe([...eventLogText(seen)].join(""));
  }
  log.close();
  await writeResults(root, run, facts());
  expect(await readdir(root)).not.toContain(PARTIAL_EVENTS_FILE);
});

test("folders of one second get numbers, and nothing in a name leaves the root", async () => {
  const first = await createRunFolder(root, "example", "1", START);
  const second = await createRunFolder(root, "example", "1", START);
  expect([basename(first), basename(second)]).toEqual(["20260314-092653-seed-1", "20260314-092653-seed-1-2"]);
  const odd = await createRunFolder(root, "../../etc", "a/b", START);
  expect(odd.startsWith(root)).toBe(true);
  expect(basename(odd)).toBe("20260314-092653-seed-a-b");
});

test("latest is switched from one run to the next, and is relative", async () => {
  const first = await createRunFolder(root, "example", "1", START);
  const second = await createRunFolder(root, "example", "2", START);
  await switchLatest(first);
  await switchLatest(second);
  await writeFile(join(second, "x"), "1");
  expect(await readlink(join(root, "example", "latest"))).toBe(basename(second));
  expect((await readdir(join(root, "example"))).sort()).toEqual([
    basename(first),
    basename(second),
    "latest",
  ]);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { aJournal } from "./a-journal.ts";
import { Journal } from "./journal.ts";
import type { RunEvent } from "./run-event.ts";

/** One event of each kind, in the order of time. */
const ALL_KINDS: readonly RunEvent[] = [
  ...aJournal()
    .change(0, 0, "started")
    .mine(0, 1, "a", "00", { transactionIds: ["t1", "t2"] })
    .adopt(1, 2, "a")
    .submit(1, 3, "t3", "refused")
    .sample(0, 4, { height: 1, tipHash: "a", cpuRatio: 0.25 })
    .fault(5, "partition", { probed: null, evidence: 'link "0>1", cut' })
    .event({ type: "block-refused", atUs: 6_000, node: 1, hash: "z", code: "high-hash" })
    .build(),
];

const event = fc.record({ atUs: fc.integer({ min: -5, max: 30 }), kind: fc.nat(ALL_KINDS.length - 1) });

test("a finished journal is a stable sort by time of what was appended, of every kind", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 200 }), (picks) => {
      const events = picks.map(({ atUs, kind }): RunEvent => ({ ...(ALL_KINDS[kind] as RunEvent), atUs }));
      const journal = new Journal();
      for (const each of events) journal.append(each);
      // Arrays sort stably, so this is the definition itself.
      const sorted = [...events].sort((a, b) => a.atUs - b.atUs);
      expect([...journal.finish()]).toEqual(sorted);
    }),
  );
});

test("a journal can be walked again, and walks do not disturb one another", () => {
  const run = aJournal().mine(0, 1, "a").adopt(1, 2, "a").build();
  const walk = run[Symbol.iterator]();
  walk.next();
  expect([...run]).toHaveLength(run.count);
  expect(walk.next().value).toMatchObject({ type: "tip-changed", hash: "a" });
});

test("a journal grows past its first room and keeps every value", () => {
  const journal = new Journal();
  for (let i = 0; i < 5_000; i++)
    journal.append({ type: "block-received", atUs: i, node: i, hash: `h${i % 7}` });
  const events = [...journal.finish()];
  expect(events[4_999]).toEqual({ type: "block-received", atUs: 4_999, node: 4_999, hash: "h1" });
  expect(events).toHaveLength(5_000);
});

test("a sink sees each event before the journal goes on, in the order of arrival", () => {
  const seen: RunEvent[] = [];
  const journal = new Journal({ sink: (each) => seen.push(each) });
  for (const each of [...ALL_KINDS].reverse()) journal.append(each);
  expect(seen).toEqual([...ALL_KINDS].reverse());
});

test("an event after the end, or at a fraction of a microsecond, is a mistake of ours", () => {
  const journal = new Journal();
  expect(() => journal.append({ type: "block-received", atUs: 0.5, node: 0, hash: "a" })).toThrow(
    "exact integer",
  );
  const finished = new Journal();
  finished.finish();
  expect(() => finished.append({ type: "block-received", atUs: 1, node: 0, hash: "a" })).toThrow("finished");
});

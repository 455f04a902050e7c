import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { EVENT_BYTES_MAX, EVENT_COUNT_MAX, EventRing } from "./event-ring.ts";

/** What a reader is told, in one line each. */
function read(ring: EventRing, afterId: number): { told: string[]; stop: () => void } {
  const told: string[] = [];
  const stop = ring.subscribe(afterId, {
    events: (entries) => told.push(...entries.map(({ id, type }) => `${id} ${type}`)),
    gap: (fromId, toId) => told.push(`gap ${fromId}-${toId}`),
  });
  return { told, stop };
}

test("a reader gets what it missed, then what comes, each once", async () => {
  const ring = new EventRing(0);
  for (const type of ["a", "b", "c"]) ring.add(type, {});
  const { told, stop } = read(ring, 1);
  expect(told).toEqual([]);
  await turn();
  ring.add("d", { work: 2n ** 60n });
  await turn();
  expect(told).toEqual(["2 b", "3 c", "4 d"]);
  stop();
  ring.add("e", {});
  await turn();
  expect(told).toHaveLength(3);
});

test("an event is told in a later turn than the one that made it", async () => {
  const ring = new EventRing(0);
  const { told } = read(ring, 0);
  await turn();
  ring.add("a", {});
  expect(told).toEqual([]);
  await turn();
  expect(told).toEqual(["1 a"]);
});

test("a reader that is too late is told what it cannot have", async () => {
  const ring = new EventRing(0);
  for (let index = 0; index < EVENT_COUNT_MAX + 10; index += 1) ring.add("a", {});
  const { told } = read(ring, 3);
  await turn();
  expect(told[0]).toBe("gap 4-10");
  expect(told[1]).toBe("11 a");
  expect(told).toHaveLength(1 + EVENT_COUNT_MAX);
});

test.each([
  ["an earlier process", 500],
  ["a process whose clock was ahead", 1_700],
])("a reader that comes with an id of %s is told so, and gets all of this one", async (_which, afterId) => {
  const ring = new EventRing(1_000);
  ring.add("a", {});
  const { told } = read(ring, afterId);
  await turn();
  expect(told).toEqual([`gap ${afterId + 1}-1000`, "1001 a"]);
});

test("a reader that knows nothing, and one that was there before the first event, miss nothing", async () => {
  const ring = new EventRing(1_000);
  const readers = [read(ring, 0), read(ring, ring.lastId)];
  await turn();
  ring.add("a", {});
  await turn();
  expect(readers.map(({ told }) => told)).toEqual([["1001 a"], ["1001 a"]]);
});

test("large events push old ones out by their bytes", async () => {
  const ring = new EventRing(0);
  const large = "x".repeat(EVENT_BYTES_MAX / 4);
  for (let index = 0; index < 10; index += 1) ring.add("a", { large });
  const { told } = read(ring, 0);
  await turn();
  expect(told).toEqual(["gap 1-7", "8 a", "9 a", "10 a"]);
});

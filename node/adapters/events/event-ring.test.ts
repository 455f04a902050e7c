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
  const ring = new EventRing();
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
  const ring = new EventRing();
  const { told } = read(ring, 0);
  await turn();
  ring.add("a", {});
  expect(told).toEqual([]);
  await turn();
  expect(told).toEqual(["1 a"]);
});

test("a reader that is too late is told what it cannot have", async () => {
  const ring = new EventRing();
  for (let index = 0; index < EVENT_COUNT_MAX + 10; index += 1) ring.add("a", {});
  const { told } = read(ring, 3);
  await turn();
  expect(told[0]).toBe("gap 4-10");
  expect(told[1]).toBe("11 a");
  expect(told).toHaveLength(1 + EVENT_COUNT_MAX);
});

test("a reader that comes with an id of another life is told so, and gets this one from its start", async () => {
  const ring = new EventRing();
  ring.add("a", {});
  const { told } = read(ring, 500);
  await turn();
  expect(told).toEqual(["gap 501-0", "1 a"]);
});

test("large events push old ones out by their bytes", async () => {
  const ring = new EventRing();
  const large = "x".repeat(EVENT_BYTES_MAX / 4);
  for (let index = 0; index < 10; index += 1) ring.add("a", { large });
  const { told } = read(ring, 0);
  await turn();
  expect(told).toEqual(["gap 1-7", "8 a", "9 a", "10 a"]);
});

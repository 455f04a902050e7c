import { expect, test } from "vitest";
import { IN_FLIGHT_PER_LINK_MAX } from "./in-flight.ts";
import { leastBusyLink, nextLinkInTurn } from "./link-choice.ts";

function candidates(serving: readonly number[], stalled: readonly number[] = []) {
  return {
    linkCount: 32,
    stalled: new Set(stalled),
    canServe: (link: number) => serving.includes(link),
  };
}

function busyWith(counts: Readonly<Record<number, number>>): Uint16Array {
  const busy = new Uint16Array(32);
  for (const [link, count] of Object.entries(counts)) busy[Number(link)] = count;
  return busy;
}

test("the least busy link is asked, the lowest of equals, and none that is full", () => {
  expect(leastBusyLink(candidates([]), busyWith({}))).toBeNull();
  expect(leastBusyLink(candidates([4, 2, 9]), busyWith({}))).toBe(2);
  expect(leastBusyLink(candidates([4, 2, 9]), busyWith({ 2: 3, 4: 1, 9: 1 }))).toBe(4);
  const full = IN_FLIGHT_PER_LINK_MAX;
  expect(leastBusyLink(candidates([2, 4]), busyWith({ 2: full, 4: full }))).toBeNull();
});

test("a stalled link is asked when nobody else can serve, not when others are merely busy", () => {
  expect(leastBusyLink(candidates([2, 4], [2]), busyWith({ 4: 9 }))).toBe(4);
  expect(leastBusyLink(candidates([2, 4], [4]), busyWith({ 2: 9 }))).toBe(2);
  expect(leastBusyLink(candidates([2, 4], [2]), busyWith({ 4: IN_FLIGHT_PER_LINK_MAX }))).toBeNull();
  expect(leastBusyLink(candidates([2, 4], [2, 4]), busyWith({ 2: 5 }))).toBe(4);
});

test("after a failure links take turns, so that each gets its try", () => {
  expect(nextLinkInTurn(candidates([1, 5, 30]), 5, true)).toBe(30);
  expect(nextLinkInTurn(candidates([1, 5, 30]), 30, true)).toBe(1);
  expect(nextLinkInTurn(candidates([5]), 5, true)).toBe(5);
  expect(nextLinkInTurn(candidates([5]), 5, false)).toBeNull();
  expect(nextLinkInTurn(candidates([1, 5, 30], [30]), 5, true)).toBe(1);
  expect(nextLinkInTurn(candidates([5, 30], [5, 30]), 5, true)).toBe(30);
});

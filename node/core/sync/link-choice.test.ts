import { expect, test } from "vitest";
import { leastBusyLink, nextLinkInTurn } from "./link-choice.ts";

function candidates(serving: readonly number[], stalled: readonly number[] = []) {
  return {
    linkCount: 32,
    stalled: new Set(stalled),
    canServe: (link: number) => serving.includes(link),
  };
}

const ROOM = 32;

/** Each link may have ROOM bodies under way. */
function loads(counts: Readonly<Record<number, number>>) {
  const busy = new Uint16Array(32);
  for (const [link, count] of Object.entries(counts)) busy[Number(link)] = count;
  return { busy, room: busy.map((count) => ROOM - count) };
}

test("the least busy link is asked, the lowest of equals, and none that is full", () => {
  expect(leastBusyLink(candidates([]), loads({}))).toBeNull();
  expect(leastBusyLink(candidates([4, 2, 9]), loads({}))).toBe(2);
  expect(leastBusyLink(candidates([4, 2, 9]), loads({ 2: 3, 4: 1, 9: 1 }))).toBe(4);
  expect(leastBusyLink(candidates([2, 4]), loads({ 2: ROOM, 4: ROOM }))).toBeNull();
});

test("a link that may have more under way is asked when one with fewer has no room", () => {
  const { busy, room } = loads({ 2: 9, 4: 20 });
  room[2] = 0;
  expect(leastBusyLink(candidates([2, 4]), { busy, room })).toBe(4);
});

test("a stalled link is asked when nobody else can serve, not when others are merely busy", () => {
  expect(leastBusyLink(candidates([2, 4], [2]), loads({ 4: 9 }))).toBe(4);
  expect(leastBusyLink(candidates([2, 4], [4]), loads({ 2: 9 }))).toBe(2);
  expect(leastBusyLink(candidates([2, 4], [2]), loads({ 4: ROOM }))).toBeNull();
  expect(leastBusyLink(candidates([2, 4], [2, 4]), loads({ 2: 5 }))).toBe(4);
});

test("after a failure links take turns, so that each gets its try", () => {
  expect(nextLinkInTurn(candidates([1, 5, 30]), 5, true)).toBe(30);
  expect(nextLinkInTurn(candidates([1, 5, 30]), 30, true)).toBe(1);
  expect(nextLinkInTurn(candidates([5]), 5, true)).toBe(5);
  expect(nextLinkInTurn(candidates([5]), 5, false)).toBeNull();
  expect(nextLinkInTurn(candidates([1, 5, 30], [30]), 5, true)).toBe(1);
  expect(nextLinkInTurn(candidates([5, 30], [5, 30]), 5, true)).toBe(30);
});

import { expect, test } from "vitest";
import { BlockAuthor } from "../../../test/support/mined-blocks.ts";
import { aViewState } from "../../../test/support/view-states.ts";
import { IN_FLIGHT_BYTES_MAX, WINDOW_COUNT } from "./download-limits.ts";
import { linkLoads } from "./link-loads.ts";
import { forgetPace, learnPace, PACE_FIRST, PACE_MIN, paceOf } from "./link-pace.ts";
import type { LinkIndex } from "./node-port.ts";
import type { BodyRequest } from "./view-state.ts";

const author = new BlockAuthor();

function candidates(...links: readonly LinkIndex[]) {
  return {
    linkCount: 32,
    stalled: new Set<LinkIndex>(),
    canServe: (link: LinkIndex) => links.includes(link),
  };
}

function underWay(link: LinkIndex, count: number): BodyRequest[] {
  return Array.from({ length: count }, () => ({ block: author.genesis, link, attempt: 0, deadlineUs: 0 }));
}

test("a link has no room while more than half of what it may have is under way", () => {
  const state = aViewState(author.genesis);
  const room = (count: number) =>
    linkLoads(state, underWay(3, count), candidates(3), 1_000).room[3] as number;
  expect(room(0)).toBe(PACE_FIRST);
  expect(room(PACE_FIRST / 2)).toBe(PACE_FIRST / 2);
  expect(room(PACE_FIRST / 2 + 1)).toBe(0);
  expect(linkLoads(state, underWay(3, 5), candidates(3), 1_000).busy[3]).toBe(5);
});

test("bodies that come fast let a link have more under way, up to the window; slow ones halve it", () => {
  const state = aViewState(author.genesis);
  for (let body = 0; body < 1_000; body++) learnPace(state, 3, 500_000);
  expect(paceOf(state, 3)).toBe(WINDOW_COUNT);
  for (let body = 0; body < 10; body++) learnPace(state, 3, 1_000_000);
  expect(paceOf(state, 3)).toBe(WINDOW_COUNT);
  learnPace(state, 3, 1_500_001);
  expect(paceOf(state, 3)).toBe(WINDOW_COUNT / 2);
  for (let body = 0; body < 10; body++) learnPace(state, 3, 2_000_000);
  expect(paceOf(state, 3)).toBe(PACE_MIN);
  expect(paceOf(state, 4)).toBe(PACE_FIRST);
  forgetPace(state, 3);
  expect(paceOf(state, 3)).toBe(PACE_FIRST);
});

test("a fast link has no more than its share of the window, and no more than the bound in bytes", () => {
  const state = aViewState(author.genesis);
  for (let body = 0; body < 1_000; body++) learnPace(state, 3, 0);
  const room = (links: readonly LinkIndex[], blockBytesMax: number) =>
    linkLoads(state, [], candidates(...links), blockBytesMax).room[3];
  expect(room([3], 1_000)).toBe(WINDOW_COUNT);
  expect(room([3, 4], 1_000)).toBe(WINDOW_COUNT / 2);
  expect(room([3, 4, 5, 6, 7, 8], 1_000)).toBe(PACE_FIRST);
  expect(room([3], IN_FLIGHT_BYTES_MAX / 4)).toBe(4);
  expect(room([3], 2 * IN_FLIGHT_BYTES_MAX)).toBe(1);
});

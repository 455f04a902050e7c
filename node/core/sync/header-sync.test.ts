import fc from "fast-check";
import { expect, test } from "vitest";
import { BlockAuthor } from "../../../test/support/mined-blocks.ts";
import type { BlockEntry } from "../state/block-entry.ts";
import {
  ANSWER_COUNT_MAX,
  HEADERS_AHEAD_COUNT,
  HEADERS_COUNT_MAX,
  headersAfter,
  inParts,
  LOCATOR_COUNT_MAX,
  locatorFrom,
} from "./header-sync.ts";

const author = new BlockAuthor();
const main = [author.genesis, ...author.chain(author.genesis, 2_600)];
const forkPoint = main[1_200] as BlockEntry;
const branch = [...main.slice(0, 1_201), ...author.chain(forkPoint, 700)];

test("a locator names ten in a row, then leaves gaps that double, and ends with genesis", () => {
  const heights = locatorFrom(main[1_000] as BlockEntry).map((hash) => author.tree.get(hash)?.header.height);
  const expected = [
    1_000, 999, 998, 997, 996, 995, 994, 993, 992, 991, 989, 985, 977, 961, 929, 865, 737, 481,
  ];
  expect(heights).toEqual([...expected, 0]);
});

test("a locator of any height is short, strictly descending, and has both ends once", () => {
  for (let height = 0; height < main.length; height += 7) {
    const heights = locatorFrom(main[height] as BlockEntry).map(
      (hash) => author.tree.get(hash)?.header.height as number,
    );
    expect(heights[0]).toBe(height);
    expect(heights.at(-1)).toBe(0);
    expect(heights.length).toBeLessThanOrEqual(LOCATOR_COUNT_MAX);
    for (let at = 1; at < heights.length; at++) expect(heights[at]).toBeLessThan(heights[at - 1] as number);
  }
});

test("the headers after a locator are those above the highest block of the chain that it names", () => {
  const anyBlock = fc.constantFrom(...main, ...branch);
  fc.assert(
    fc.property(
      fc.constantFrom(main, branch),
      fc.nat(),
      fc.array(anyBlock, { maxLength: 4 }),
      (chain, at, named) => {
        const top = at % chain.length;
        const locator = named.map(({ hash }) => hash);
        const heights = named.map((block) => chain.indexOf(block)).filter((height) => height <= top);
        const highest = Math.max(0, ...heights);
        const expected = chain.slice(highest + 1, top + 1).slice(0, ANSWER_COUNT_MAX);
        expect(headersAfter(chain[top] as BlockEntry, locator)).toEqual(expected);
      },
    ),
  );
});

test("a view on a branch finds the fork point, at most as far below it as it is old", () => {
  const locator = locatorFrom(branch.at(-1) as BlockEntry);
  const first = headersAfter(main.at(-1) as BlockEntry, locator)[0] as BlockEntry;
  const overlap = forkPoint.header.height + 1 - first.header.height;
  expect(overlap).toBeGreaterThanOrEqual(0);
  expect(overlap).toBeLessThanOrEqual(700);
});

test("a locator that names the tip is answered with nothing, one that names nobody with the start of the chain", () => {
  const tip = main.at(-1) as BlockEntry;
  expect(headersAfter(tip, [tip.hash])).toEqual([]);
  expect(headersAfter(tip, ["ff".repeat(32)])).toEqual(main.slice(1, ANSWER_COUNT_MAX + 1));
  expect(headersAfter(author.genesis, [])).toEqual([]);
});

test("of a long answer a few headers go ahead; the rest is full only if more may follow", () => {
  const tip = main.at(-1) as BlockEntry;
  const longest = inParts(headersAfter(tip, []));
  expect(longest.map((part) => part.length)).toEqual([HEADERS_AHEAD_COUNT, HEADERS_COUNT_MAX]);
  expect(longest.flat()).toEqual(main.slice(1, ANSWER_COUNT_MAX + 1));
  for (const count of [0, 1, 2 * HEADERS_AHEAD_COUNT]) expect(inParts(main.slice(0, count))).toHaveLength(1);
  expect(inParts(main.slice(0, 2 * HEADERS_AHEAD_COUNT + 1)).map((part) => part.length)).toEqual([
    HEADERS_AHEAD_COUNT,
    HEADERS_AHEAD_COUNT + 1,
  ]);
});

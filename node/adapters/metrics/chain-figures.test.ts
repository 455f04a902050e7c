import * as fc from "fast-check";
import { expect, test } from "vitest";
import { BlockAuthor } from "../../../test/support/mined-blocks.ts";
import type { BlockEntry } from "../../core/state/block-entry.ts";
import { CHECKPOINT_DEPTH_BLOCKS, checkpointsOf, fingerprintOf, meanIntervalSec } from "./chain-figures.ts";

/** A chain of so many blocks on `parent`; its end. */
function grow(author: BlockAuthor, parent: BlockEntry, count: number): BlockEntry {
  return author.chain(parent, count).at(-1) ?? parent;
}

test("a fingerprint is the end of a hash, as a number that a double holds", () => {
  expect(fingerprintOf(`${"0".repeat(59)}fffff`)).toBe(2 ** 20 - 1);
  expect(fingerprintOf(`${"f".repeat(59)}0000a`)).toBe(10);
});

test("checkpoints are multiples of three at least six deep, the highest first, down to genesis", () => {
  const author = new BlockAuthor();
  const heights = (count: number) =>
    checkpointsOf(grow(author, author.genesis, count)).map(({ height }) => height);
  expect(heights(0)).toEqual([]);
  expect(heights(5)).toEqual([]);
  expect(heights(6)).toEqual([0]);
  expect(heights(11)).toEqual([3, 0]);
  expect(heights(20)).toEqual([12, 9, 6, 3]);
});

/** As the alert counts it: different blocks at checkpoints, less different heights. */
function conflicts(tips: readonly BlockEntry[]): number {
  const all = tips.flatMap(checkpointsOf);
  return new Set(all.map(({ hash }) => hash)).size - new Set(all.map(({ height }) => height)).size;
}

test("two branches conflict once both are so deep that a checkpoint lies on each, and never while one block is common to all of them", () => {
  const depth = fc.integer({ min: 0, max: 30 });
  fc.assert(
    fc.property(depth, depth, depth, (common, left, right) => {
      const author = new BlockAuthor();
      const fork = grow(author, author.genesis, common);
      const a = grow(author, fork, left);
      const b = grow(author, fork, right);
      const shallow = Math.min(left, right);
      const found = conflicts([a, b]);
      if (shallow <= CHECKPOINT_DEPTH_BLOCKS) expect(found).toBe(0);
      // Three more, because checkpoints are that far apart; where heights part further than six the alert looks at the heights.
      if (shallow >= CHECKPOINT_DEPTH_BLOCKS + 3 && Math.abs(left - right) <= 6)
        expect(found).toBeGreaterThan(0);
    }),
    { numRuns: 60 },
  );
});

test("the mean interval is that of the last twenty blocks, without the one from genesis, and nothing before there are two", () => {
  const author = new BlockAuthor();
  const chain = author.chain(author.genesis, 30);
  expect(meanIntervalSec(author.genesis)).toBeNull();
  expect(meanIntervalSec(chain[0] ?? author.genesis)).toBeNull();
  for (const [index, block] of chain.entries()) {
    if (index === 0) continue;
    const oldest = chain[Math.max(0, index - 20)];
    const expected = (block.header.timeMs - (oldest?.header.timeMs ?? 0)) / 1_000 / Math.min(20, index);
    expect(meanIntervalSec(block)).toBeCloseTo(expected, 9);
  }
});

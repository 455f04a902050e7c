import { expect, test } from "vitest";
import { BlockAuthor } from "../../../test/support/mined-blocks.ts";
import { BeliefColumns } from "./belief-columns.ts";
import type { BlockEntry } from "./block-entry.ts";
import { UnsettledBlocks } from "./unsettled-blocks.ts";

/** So many blocks with columns of their own, of a tree of two views. */
function aList(count: number) {
  const columns = new BeliefColumns({ viewCount: 2, linkCountMax: 1 });
  const unsettled = new UnsettledBlocks(columns);
  const author = new BlockAuthor();
  const blocks = author.chain(author.genesis, count);
  for (const block of blocks) {
    block.heldCount = 1;
    block.beliefs = columns.take();
    unsettled.add(block);
  }
  return { columns, unsettled, blocks };
}

test("what every view holds is taken back, in order, and the rest stays", () => {
  const { columns, unsettled, blocks } = aList(6);
  for (const block of blocks.filter((_, index) => index % 2 === 0)) block.heldCount = 2;
  unsettled.settle();
  expect(unsettled.blocks).toEqual(blocks.filter((_, index) => index % 2 === 1));
  expect(blocks.map(({ beliefs }) => beliefs === columns.settled)).toEqual([
    true,
    false,
    true,
    false,
    true,
    false,
  ]);
});

test("the list is walked when it has doubled, not for each block", () => {
  const { unsettled, blocks } = aList(10);
  unsettled.settle();
  for (const block of blocks) block.heldCount = 2;
  unsettled.settle();
  expect(unsettled.blocks).toHaveLength(10);
  for (const block of blocks) unsettled.add(block);
  unsettled.add(blocks[0] as BlockEntry);
  unsettled.settle();
  expect(unsettled.blocks).toEqual([]);
});

test("forgotten blocks leave the list when there are enough of them", () => {
  const { unsettled, blocks } = aList(16);
  for (const [index, left] of [16, 14].entries()) {
    (blocks[index] as BlockEntry).isForgotten = true;
    unsettled.forgotten(1);
    expect(unsettled.blocks).toHaveLength(left);
  }
});

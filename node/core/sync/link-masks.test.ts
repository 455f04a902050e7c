import { expect, test } from "vitest";
import { expectSettledUntouched } from "../../../test/support/lone-machine.ts";
import { aTree, BlockAuthor } from "../../../test/support/mined-blocks.ts";
import { forgetKnowers, forgetKnown, isKnown, isKnownToAny, isUp, learnKnown, setUp } from "./link-masks.ts";

function aBlockOf(tree: ReturnType<typeof aTree>) {
  const author = new BlockAuthor();
  const entered = tree.enterHeader(author.child(author.genesis).header);
  if (!entered.ok) expect.fail("no header");
  return entered.block;
}

test("each link of each view has bits of its own, beyond 32 links too", () => {
  const tree = aTree({}, 3, 70);
  const block = aBlockOf(tree);
  const pairs = [0, 1, 2].flatMap((view) =>
    [0, 31, 32, 63, 69].map((link): [number, number] => [view, link]),
  );
  for (const [view, link] of pairs) {
    learnKnown(tree, block, view, link);
    setUp(tree, view, link, true);
    for (const [otherView, other] of pairs) {
      const isSame = view === otherView && link === other;
      expect(isKnown(tree, block, otherView, other)).toBe(isSame);
      expect(isUp(tree, otherView, other)).toBe(isSame);
    }
    forgetKnown(tree, view, link);
    setUp(tree, view, link, false);
  }
  expectSettledUntouched(tree);
});

test("a block is known to someone when a link that is up knows it", () => {
  const tree = aTree({}, 2, 40);
  const block = aBlockOf(tree);
  learnKnown(tree, block, 1, 35);
  expect(isKnownToAny(tree, block, 1)).toBe(false);
  setUp(tree, 1, 35, true);
  expect([isKnownToAny(tree, block, 0), isKnownToAny(tree, block, 1)]).toEqual([false, true]);
  forgetKnowers(tree, block, 0);
  expect(isKnownToAny(tree, block, 1)).toBe(true);
  forgetKnowers(tree, block, 1);
  expect(isKnownToAny(tree, block, 1)).toBe(false);
});

test("what is settled is known to all links, and stays so", () => {
  const tree = aTree({}, 1, 40);
  learnKnown(tree, tree.genesis, 0, 39);
  forgetKnown(tree, 0, 39);
  expect(isKnown(tree, tree.genesis, 0, 39)).toBe(true);
  expectSettledUntouched(tree);
});

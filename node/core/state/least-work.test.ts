import fc from "fast-check";
import { expect, test } from "vitest";
import { aHeader } from "../../../test/support/chain-fixtures.ts";
import { aTree, BlockAuthor } from "../../../test/support/mined-blocks.ts";
import type { BlockEntry } from "./block-entry.ts";
import { leastWorkBlocks } from "./least-work.ts";

/** The definition, word for word: the leaf with the least work, the youngest of equals, again and again. */
function bruteForce(loose: ReadonlySet<BlockEntry>, countMax: number, pinned: ReadonlySet<BlockEntry>) {
  const left = new Set(loose);
  const forgotten: BlockEntry[] = [];
  while (left.size > countMax) {
    const leaves = [...left].filter(
      (block) => !pinned.has(block) && block.children.every((child) => loose.has(child) && !left.has(child)),
    );
    const [least] = leaves.sort((a, b) => Number(a.chainWork - b.chainWork) || b.index - a.index);
    if (least === undefined) break;
    left.delete(least);
    forgotten.push(least);
  }
  return forgotten;
}

/** A tree of headers: each stands on one that came before it, all on genesis in the end. */
const shapes = fc.array(fc.nat(), { minLength: 1, maxLength: 40 });

test("what is forgotten is what the definition says, whatever the shape of the tree", () => {
  fc.assert(
    fc.property(shapes, fc.nat(40), fc.array(fc.nat(39), { maxLength: 4 }), (parents, countMax, pins) => {
      const tree = aTree();
      const blocks: BlockEntry[] = [tree.genesis];
      for (const [at, pick] of parents.entries()) {
        const parent = blocks[pick % blocks.length] as BlockEntry;
        const entered = tree.enterHeader(aHeader(parent, tree.parameters, [], { nonce: BigInt(at) }));
        if (entered.ok) blocks.push(entered.block);
      }
      const pinned = new Set(pins.map((pin) => blocks[1 + (pin % (blocks.length - 1))] as BlockEntry));
      const expected = bruteForce(tree.loose, countMax, pinned);
      expect(leastWorkBlocks(tree.loose, countMax, (block) => pinned.has(block))).toEqual(expected);

      tree.forgetLoose(countMax, (block) => pinned.has(block));
      expect(tree.loose.size).toBe(blocks.length - 1 - expected.length);
      for (const block of blocks) {
        expect(tree.get(block.hash)).toBe(expected.includes(block) ? null : block);
        expect(block.children.every((child) => tree.get(child.hash) === child)).toBe(
          !expected.includes(block) || block.children.length === 0,
        );
      }
    }),
  );
});

test("a block that was judged valid is not loose, nor what stands below it", () => {
  const author = new BlockAuthor();
  const [first, second] = author.chain(author.genesis, 2) as [BlockEntry, BlockEntry];
  expect(author.tree.loose.size).toBe(2);
  author.tree.judge(first);
  expect([...author.tree.loose]).toEqual([second]);
  author.tree.judge(second);
  expect(author.tree.loose.size).toBe(0);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { forksOf, lanesOf } from "./tree-layout.js";

/** Blocks from `name parent` words, height after height; those in upper case are on the best chain. */
function tree(...levels: string[]) {
  return levels.flatMap((level, height) =>
    level.split(" ").map((word) => {
      const [hash = "", parentHash = ""] = word.split("<");
      return {
        hash,
        parentHash,
        height,
        timeMs: height,
        miner: "",
        chainWork: "0",
        isBest: hash === hash.toUpperCase(),
      };
    }),
  );
}

test("the best chain is in lane 0, a fork beside it, and another fork of the same heights on the other side", () => {
  const lanes = lanesOf(tree("A", "B<A x<A", "C<B y<x z<B", "D<C"));
  expect(Object.fromEntries(lanes)).toEqual({ A: 0, B: 0, C: 0, D: 0, x: 1, y: 1, z: -1 });
});

test("a branch of a branch goes further out, and a later fork takes a free lane again", () => {
  const lanes = lanesOf(tree("A", "B<A x<A", "C<B y<x z<x", "D<C u<y", "E<D", "F<E", "G<F v<F"));
  expect(lanes.get("u")).toBe(1);
  expect(lanes.get("z")).toBe(2);
  expect(lanes.get("v")).toBe(1);
});

test("in any tree no two blocks have one place, and no branch runs through a block of another", () => {
  const anyTree = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 3 })), { maxLength: 40 }).map((draws) => {
    const blocks = [{ hash: "0", parentHash: "", height: 0 }];
    for (const [index, [pick, back]] of draws.entries()) {
      const parent = blocks[Math.max(0, blocks.length - 1 - (pick % (back + 1)))] as (typeof blocks)[number];
      blocks.push({ hash: String(index + 1), parentHash: parent.hash, height: parent.height + 1 });
    }
    const byHash = new Map(blocks.map((block) => [block.hash, block]));
    const best = new Set<string>();
    const highest = blocks.reduce((a, b) => (b.height > a.height ? b : a));
    for (
      let at: (typeof blocks)[number] | undefined = highest;
      at !== undefined;
      at = byHash.get(at.parentHash)
    )
      best.add(at.hash);
    return blocks
      .map((block) => ({ ...block, timeMs: 0, miner: "", chainWork: "0", isBest: best.has(block.hash) }))
      .sort((a, b) => a.height - b.height);
  });
  fc.assert(
    fc.property(anyTree, (blocks) => {
      const lanes = lanesOf(blocks);
      expect(lanes.size).toBe(blocks.length);
      const places = new Set(blocks.map(({ hash, height }) => `${height} ${lanes.get(hash)}`));
      expect(places.size).toBe(blocks.length);
      for (const { hash, isBest } of blocks) expect(lanes.get(hash) === 0).toBe(isBest);
    }),
  );
});

test("forks are the heights with more than one block, the highest first, the best chain's block first", () => {
  const forks = forksOf(tree("A", "x<A B<A", "C<B", "D<C y<C z<C"));
  expect(forks.map(({ height, blocks }) => [height, blocks.map(({ hash }) => hash).join("")])).toEqual([
    [3, "Dyz"],
    [1, "Bx"],
  ]);
  expect(forksOf(tree("A", "B<A"))).toEqual([]);
});

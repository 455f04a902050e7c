import fc from "fast-check";
import { expect, test } from "vitest";
import type { BlockMined } from "../record/run-event.ts";
import { buildTree } from "./block-tree.ts";
import { measureForks } from "./forks.ts";

interface Sketch {
  readonly parent: number;
  readonly work: number;
  readonly gapUs: number;
}

/** A random tree: block i builds on genesis or on any block before it. */
const treeSketch = fc.array(
  fc.record({
    parent: fc.nat(),
    work: fc.integer({ min: 1, max: 4 }),
    gapUs: fc.integer({ min: 0, max: 3 }),
  }),
  { maxLength: 40 },
);

function minedOf(sketch: readonly Sketch[]): BlockMined[] {
  const mined: BlockMined[] = [];
  let atUs = 0;
  for (const { parent, work, gapUs } of sketch) {
    atUs += gapUs;
    // Recent parents are likelier, so that branches get long.
    const parentBlock =
      mined.length === 0 ? undefined : mined[mined.length - 1 - (parent % Math.min(4, mined.length + 1))];
    mined.push({
      type: "block-mined",
      atUs,
      node: mined.length % 3,
      hash: `b${mined.length}`,
      parentHash: parentBlock?.hash ?? "00",
      height: (parentBlock?.height ?? 0) + 1,
      timeMs: 0,
      work: BigInt(work),
      sizeBytes: 1,
      transactionIds: [],
    });
  }
  return mined;
}

/** Every chain walked from every block to genesis: slow, and hard to get wrong. */
function naiveFinalChain(mined: readonly BlockMined[]): string[] {
  let best: string[] = [];
  let most = 0n;
  for (const block of mined) {
    const chain: string[] = [];
    let work = 0n;
    for (let at: BlockMined | undefined = block; at !== undefined; ) {
      chain.unshift(at.hash);
      work += at.work;
      const parent: string = at.parentHash;
      at = mined.find((each) => each.hash === parent);
    }
    if (work > most) {
      most = work;
      best = chain;
    }
  }
  return best;
}

test("the final chain is the first of most work, whatever the tree", () => {
  fc.assert(
    fc.property(treeSketch, (sketch) => {
      const mined = minedOf(sketch);
      const tree = buildTree(mined);
      const chain = naiveFinalChain(mined);
      expect(tree.finalChain.map((block) => block.hash)).toEqual(chain);
      expect(tree.blocks.filter((block) => block.isFinal).length).toBe(chain.length);
      expect(tree.detached).toEqual([]);
    }),
  );
});

test("forks and stale blocks are those of a count block by block", () => {
  fc.assert(
    fc.property(treeSketch, fc.nat(20), fc.nat(5), (sketch, warmUpUs, confirmations) => {
      const mined = minedOf(sketch);
      const chain = naiveFinalChain(mined);
      const figures = measureForks(buildTree(mined), { warmUpUs, confirmations });
      const heightMax = chain.length - confirmations;
      const counted = mined.filter((block) => block.atUs >= warmUpUs && block.height <= heightMax);
      expect(figures.stale.trials).toBe(counted.length);
      expect(figures.stale.hits).toBe(counted.filter((block) => !chain.includes(block.hash)).length);
      const heights = [...new Set(mined.map((block) => block.height))].sort((a, b) => a - b);
      const at = (height: number) => mined.filter((block) => block.height === height);
      expect(figures.forks.map((fork) => fork.height)).toEqual(
        heights.filter((height) => at(height).length > 1),
      );
      const measured = heights.filter(
        (height) => height <= heightMax && (at(height)[0]?.atUs ?? 0) >= warmUpUs,
      );
      expect(figures.forked.trials).toBe(measured.length);
      expect(figures.forked.hits).toBe(measured.filter((height) => at(height).length > 1).length);
    }),
  );
});

test("of two chains of equal work the one whose tip was mined first is final", () => {
  const mined = minedOf([
    { parent: 0, work: 2, gapUs: 1 },
    { parent: 1, work: 2, gapUs: 0 },
  ]);
  expect(buildTree(mined).finalChain.map((block) => block.hash)).toEqual(["b0"]);
});

test("a branch is as long as its longest arm, and counts where it leaves the final chain", () => {
  // 00 - a - b - c - d   with   a - x - y
  const parents: [string, string, number][] = [
    ["a", "00", 1],
    ["b", "a", 2],
    ["x", "a", 2],
    ["y", "x", 3],
    ["c", "b", 3],
    ["d", "c", 4],
  ];
  const [first] = minedOf([{ parent: 0, work: 1, gapUs: 0 }]);
  if (first === undefined) throw new Error("no block");
  const mined = parents.map(([hash, parentHash, height], i) => ({
    ...first,
    hash,
    parentHash,
    height,
    atUs: i,
  }));
  const figures = measureForks(buildTree(mined), { warmUpUs: 0, confirmations: 0 });
  expect(figures.forks.map(({ height, branchLength }) => [height, branchLength])).toEqual([
    [2, 2],
    [3, 0],
  ]);
  expect(figures.longestBranch).toBe(2);
});

test("a block whose parent nobody mined is set apart, and is never on the final chain", () => {
  const [first] = minedOf([{ parent: 0, work: 1, gapUs: 0 }]);
  if (first === undefined) throw new Error("no block");
  const orphan = { ...first, hash: "orphan", parentHash: "nowhere", height: 9, work: 99n };
  const tree = buildTree([first, orphan, first]);
  expect(tree.detached.map((block) => block.hash)).toEqual(["orphan"]);
  expect(tree.finalChain.map((block) => block.hash)).toEqual(["b0"]);
  expect(tree.minedTwice).toEqual(["b0"]);
});

test("a child whose miner's clock is a moment behind still finds its parent", () => {
  const [parent, child] = minedOf([
    { parent: 0, work: 1, gapUs: 0 },
    { parent: 0, work: 1, gapUs: 1 },
  ]);
  if (parent === undefined || child === undefined) throw new Error("no block");
  const tree = buildTree([child, parent]);
  expect(tree.finalChain.map((block) => block.hash)).toEqual(["b0", "b1"]);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { type Branch, layOut, type PictureBlock } from "./block-tree-layout.ts";

const GAP_MS = 10;

/** A chain from `parent` on, named `a1`, `a2`, ..., a block every 100 ms. */
function chain(name: string, length: number, parent: PictureBlock | null, isFinal = false): PictureBlock[] {
  const blocks: PictureBlock[] = [];
  for (let index = 0; index < length; index++) {
    const before = blocks.at(-1) ?? parent;
    blocks.push({
      hash: `${name}${index + 1}`,
      parentHash: before?.hash ?? "genesis",
      height: (before?.height ?? 0) + 1,
      miner: 0,
      minedMs: (before?.minedMs ?? 0) + 100,
      isFinal,
    });
  }
  return blocks;
}

function at(blocks: readonly PictureBlock[], index: number): PictureBlock {
  return blocks[index] as PictureBlock;
}

function lanes(branches: readonly Branch[]): Record<string, number> {
  return Object.fromEntries(
    branches.map(({ lane, blocks }) => [blocks.map((each) => each.hash).join(" "), lane]),
  );
}

test("the final chain runs straight, and a branch of it goes below", () => {
  const main = chain("m", 4, null, true);
  const branch = chain("a", 2, at(main, 0));
  expect(lanes(layOut([...main, ...branch], GAP_MS))).toEqual({ "m1 m2 m3 m4": 0, "a1 a2": 1 });
});

test("of branches at one time the longest is nearest, the next on the other side, and a third further out", () => {
  const main = chain("m", 9, null, true);
  const blocks = [
    ...main,
    ...chain("a", 2, at(main, 1)),
    ...chain("b", 4, at(main, 1)),
    ...chain("c", 1, at(main, 1)),
  ];
  expect(lanes(layOut(blocks, GAP_MS))).toMatchObject({ "b1 b2 b3 b4": 1, "a1 a2": -1, c1: 2 });
});

test("what leaves a stale branch goes further out on its side", () => {
  const main = chain("m", 9, null, true);
  const branch = chain("a", 5, at(main, 0));
  const twig = chain("b", 1, at(branch, 1));
  expect(lanes(layOut([...main, ...branch, ...twig], GAP_MS))).toMatchObject({ "a1 a2 a3 a4 a5": 1, b1: 2 });
});

test("branches that follow one another share a lane", () => {
  const main = chain("m", 9, null, true);
  const blocks = [...main, ...chain("a", 1, at(main, 0)), ...chain("b", 1, at(main, 4))];
  expect(lanes(layOut(blocks, GAP_MS))).toMatchObject({ a1: 1, b1: 1 });
});

test("a run without blocks has an empty final chain, and a branch of genesis has no parent", () => {
  expect(layOut([], GAP_MS)).toEqual([{ lane: 0, blocks: [], parent: null }]);
  const branches = layOut([...chain("m", 2, null, true), ...chain("a", 1, null)], GAP_MS);
  expect(branches[1]).toMatchObject({ lane: 1, parent: null });
});

test("in any tree each block is drawn once, in a line of parents and children, and no two branches meet", () => {
  const tree = fc.array(fc.tuple(fc.nat(), fc.nat(300)), { minLength: 1, maxLength: 60 }).map(randomTree);
  fc.assert(
    fc.property(tree, (blocks) => {
      const branches = layOut(blocks, GAP_MS);
      const drawn = branches.flatMap((branch) => branch.blocks.map((block) => block.hash));
      expect(drawn.toSorted()).toEqual(blocks.map((block) => block.hash).toSorted());
      for (const branch of branches) checkBranch(branch, branches);
    }),
  );
});

/** Each block builds on any earlier one, or on genesis; the final chain ends at the last of the highest. */
function randomTree(draws: readonly (readonly [number, number])[]): PictureBlock[] {
  const blocks: PictureBlock[] = [];
  for (const [pick, waitMs] of draws) {
    const choice = pick % (blocks.length + 1);
    const parent = choice === blocks.length ? null : at(blocks, choice);
    const minedMs = (blocks.at(-1)?.minedMs ?? 0) + waitMs;
    const height = (parent?.height ?? 0) + 1;
    const parentHash = parent?.hash ?? "genesis";
    blocks.push({ hash: `b${blocks.length}`, parentHash, height, miner: 0, minedMs, isFinal: false });
  }
  const byHash = new Map(blocks.map((block) => [block.hash, block]));
  const final = new Set<string>();
  const tip = blocks.reduce((best, block) => (block.height >= best.height ? block : best));
  for (let block: PictureBlock | undefined = tip; block !== undefined; block = byHash.get(block.parentHash))
    final.add(block.hash);
  return blocks.map((block) => ({ ...block, isFinal: final.has(block.hash) }));
}

function checkBranch({ lane, blocks, parent }: Branch, branches: readonly Branch[]): void {
  const [first] = blocks;
  expect(first?.parentHash).toBe(parent?.hash ?? "genesis");
  for (const [index, block] of blocks.slice(1).entries()) expect(block.parentHash).toBe(blocks[index]?.hash);
  const [fromMs, toMs] = [parent?.minedMs ?? 0, blocks.at(-1)?.minedMs ?? 0];
  for (const other of branches) {
    if (other.lane !== lane || other.blocks === blocks) continue;
    const isBefore = (other.blocks.at(-1)?.minedMs ?? 0) + GAP_MS <= fromMs;
    expect(isBefore || toMs + GAP_MS <= (other.parent?.minedMs ?? 0)).toBe(true);
  }
}

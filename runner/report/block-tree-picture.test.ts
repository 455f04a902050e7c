import { expect, test } from "vitest";
import type { PictureBlock } from "./block-tree-layout.ts";
import { drawBlockTree, type PictureFault, type PictureRun } from "./block-tree-picture.ts";

const SIDES = [[{ first: 0, last: 5 }], [{ first: 6, last: 9 }]];

const CUT: PictureFault = {
  word: "partition",
  description: "partition: [[0-5], [6-9]]",
  appliedMs: 20_000,
  sides: SIDES,
};
const HEAL: PictureFault = { word: "heal", description: "heal: all", appliedMs: 40_000, sides: [] };

function aBlock(hash: string, parentHash: string, fields: Partial<PictureBlock> = {}): PictureBlock {
  return { hash, parentHash, height: 1, miner: 0, minedMs: 1_000, isFinal: true, ...fields };
}

function aRun(fields: Partial<PictureRun> = {}): PictureRun {
  return { title: "example, seed 1", endMs: 60_000, blocks: [], faults: [], ...fields };
}

/** Two sides go on alone for three blocks; those of the second are given up. */
const SPLIT: PictureRun = aRun({
  faults: [CUT, HEAL],
  blocks: [
    aBlock("m1", "genesis"),
    ...[2, 3, 4].flatMap((height) => [
      aBlock(`m${height}`, `m${height - 1}`, { height, miner: height, minedMs: 20_000 + height * 1_000 }),
      aBlock(height === 2 ? "s2" : `s${height}`, height === 2 ? "m1" : `s${height - 1}`, {
        height,
        miner: 6 + (height % 2),
        minedMs: 20_500 + height * 1_000,
        isFinal: false,
      }),
    ]),
  ],
});

test("the sides of a partition are named by what became of their blocks", () => {
  const svg = drawBlockTree(SPLIT);
  expect(svg).toContain("nodes 0–5: 3 blocks, kept");
  expect(svg).toContain("nodes 6–9: 3 blocks, given up");
});

test("miners of both sides, or of none, are named one by one", () => {
  const faults = [{ ...CUT, sides: [] }, HEAL];
  const svg = drawBlockTree({ ...SPLIT, faults });
  expect(svg).toContain("nodes 2–4: 3 blocks, kept");
  expect(svg).toContain("nodes 6–7: 3 blocks, given up");
});

test("a block is drawn where its time stands on the axis", () => {
  const svg = drawBlockTree(aRun({ blocks: [aBlock("m1", "genesis", { minedMs: 30_000 })] }));
  const x = (pattern: RegExp) => Number(pattern.exec(svg)?.[1]);
  const tick = x(/<text x="([\d.]+)"[^>]*>30<\/text>/);
  // Marks are seven pixels wide, and placed by their left edge.
  expect(x(/<rect class="final" x="([\d.]+)"[^>]*><title>/) + 3.5).toBeCloseTo(tick, 0);
});

test("every block can be told from the others by its title", () => {
  const titles = [...drawBlockTree(SPLIT).matchAll(/<title>(height [^<]+)<\/title>/g)].map(
    (match) => match[1],
  );
  expect(titles).toHaveLength(7);
  expect(titles).toContain("height 4, node 6, 24.500 s");
});

test("a cut that nobody heals lasts to the end of the run", () => {
  const svg = drawBlockTree({ ...SPLIT, faults: [CUT] });
  const [, x, width] = /<rect class="zone" x="([\d.]+)" y="\d+" width="([\d.]+)"/.exec(svg) ?? [];
  expect(Number(x) + Number(width)).toBe(944);
});

test("a run without blocks or faults still has its axis", () => {
  const svg = drawBlockTree(aRun());
  expect(svg).toContain("final chain: 0 blocks");
  expect(svg).toContain(">60</text>");
  expect(svg).not.toContain("NaN");
});

test("what a scenario says cannot break out of the text", () => {
  const svg = drawBlockTree(aRun({ title: `<script>&"`, faults: [{ ...HEAL, description: "a < b" }] }));
  expect(svg).toContain("&lt;script&gt;&amp;&quot;");
  expect(svg).toContain("a &lt; b");
});

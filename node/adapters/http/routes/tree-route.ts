import * as z from "zod";
import type { BlockEntry } from "../../../core/state/block-entry.ts";
import type { NodeContext } from "../node-context.ts";
import { value } from "../reply.ts";
import { route } from "../route.ts";
import { treeShape } from "../shapes/block-shapes.ts";

/** Heights of one answer: more blocks beside one another are not told apart by eye. */
const HEIGHT_COUNT_MAX = 500;
const HEIGHT_COUNT_DEFAULT = 60;

/** Blocks of one answer, the highest. Each took its work to make, so that hardly anybody makes as many beside one another. */
const BLOCK_COUNT_MAX = 2_000;

export const treeRoute = route({
  method: "GET",
  path: "/tree",
  section: "chain",
  text: `The newest heights of the block tree as this node holds it, branches that lost included: {height, tip, from, blocks: [{hash, parentHash, height, timeMs, miner, chainWork, isBest}]}, height ascending. \`heights\` is 1 to ${HEIGHT_COUNT_MAX}, ${HEIGHT_COUNT_DEFAULT} if left out; ${BLOCK_COUNT_MAX} blocks at most.`,
  query: z.strictObject({
    heights: z
      .string()
      .regex(/^[1-9]\d{0,2}$/, { error: `1 to ${HEIGHT_COUNT_MAX} expected` })
      .transform(Number)
      .refine((count) => count <= HEIGHT_COUNT_MAX, { error: `1 to ${HEIGHT_COUNT_MAX} expected` })
      .optional(),
  }),
  answer: treeShape,
  handle: ({ query }, { host, queries }: NodeContext) => {
    const { tip } = host.machine;
    const { height } = tip.header;
    const from = Math.max(0, height - (query.heights ?? HEIGHT_COUNT_DEFAULT) + 1);
    // A branch may have left the best chain below the window.
    const root = queries.ancestorAt(tip, Math.max(0, from - HEIGHT_COUNT_MAX));
    const best = bestFrom(tip, from);
    const blocks = root === null ? [] : heldAbove(root).filter((block) => block.header.height >= from);
    return value({ height, tip: tip.hash, from, blocks: blocks.map((block) => treeBlock(block, best)) });
  },
});

/** The blocks of the chain that ends in `tip`, down to a height. */
function bestFrom(tip: BlockEntry, height: number): ReadonlySet<BlockEntry> {
  const best = new Set<BlockEntry>();
  for (let at: BlockEntry | null = tip; at !== null && at.header.height >= height; at = at.parent)
    best.add(at);
  return best;
}

/** A block and what is held on top of it, height ascending, the earlier known first among equals. */
function heldAbove(root: BlockEntry): BlockEntry[] {
  const found: BlockEntry[] = [];
  for (let level = [root]; level.length > 0; ) {
    found.push(...level);
    level = level
      .flatMap(({ children }) => children)
      .filter((child) => child.heldCount > 0)
      .sort((a, b) => a.index - b.index);
  }
  return found.slice(-BLOCK_COUNT_MAX);
}

function treeBlock(block: BlockEntry, best: ReadonlySet<BlockEntry>) {
  const { parentHash, height, timeMs, miner } = block.header;
  const { hash, chainWork } = block;
  return { hash, parentHash, height, timeMs, miner, chainWork: String(chainWork), isBest: best.has(block) };
}

import type { BlockEntry } from "./block-entry.ts";

/**
 * Which of these blocks to forget so that `countMax` are left: again and again the leaf with the least work, the youngest of equals, because
 * whoever floods a node comes later than those whom it floods. Leaves before the blocks that they stand on. `loose` may hold blocks with
 * children of its own; nothing that is not in it is given, nor what `isPinned`, nor what that stands on: then more are left.
 */
export function leastWorkBlocks(
  loose: ReadonlySet<BlockEntry>,
  countMax: number,
  isPinned: (block: BlockEntry) => boolean,
): BlockEntry[] {
  const childCounts = new Map<BlockEntry, number>();
  const leaves: BlockEntry[] = [];
  for (const block of loose) {
    if (block.children.length === 0) leaves.push(block);
    else childCounts.set(block, block.children.length);
  }
  leaves.sort((a, b) =>
    a.chainWork === b.chainWork ? b.index - a.index : a.chainWork < b.chainWork ? -1 : 1,
  );
  const forgotten: BlockEntry[] = [];
  for (const leaf of leaves) {
    // A parent has less work than its child, so that of the least leaf is the next once it is a leaf.
    for (let at = leaf; loose.size - forgotten.length > countMax && !isPinned(at); ) {
      forgotten.push(at);
      const { parent } = at;
      if (parent === null || !loose.has(parent)) break;
      const left = (childCounts.get(parent) ?? 1) - 1;
      childCounts.set(parent, left);
      if (left > 0) break;
      at = parent;
    }
  }
  return forgotten;
}

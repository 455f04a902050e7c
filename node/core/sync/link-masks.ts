import type { BlockEntry } from "../state/block-entry.ts";
import type { BlockTree } from "../state/block-tree.ts";

/**
 * Sets of a view's links as bits, in the layout of the belief columns: word `view * maskWords + (link >> 5)`,
 * bit `link & 31`. "Known" is kept beside each block, "up" beside the tree.
 */
export function learnKnown(tree: BlockTree, block: BlockEntry, view: number, link: number): void {
  const { known } = block.beliefs;
  const word = view * tree.columns.maskWords + (link >> 5);
  known[word] = (known[word] as number) | (1 << (link & 31));
}

export function isKnown(tree: BlockTree, block: BlockEntry, view: number, link: number): boolean {
  const word = view * tree.columns.maskWords + (link >> 5);
  return (((block.beliefs.known[word] as number) >>> (link & 31)) & 1) === 1;
}

export function isUp(tree: BlockTree, view: number, link: number): boolean {
  const word = view * tree.columns.maskWords + (link >> 5);
  return (((tree.linksUp[word] as number) >>> (link & 31)) & 1) === 1;
}

export function setUp(tree: BlockTree, view: number, link: number, up: boolean): void {
  const word = view * tree.columns.maskWords + (link >> 5);
  const bit = 1 << (link & 31);
  tree.linksUp[word] = up ? (tree.linksUp[word] as number) | bit : (tree.linksUp[word] as number) & ~bit;
}

/** Whether a peer that is linked now is known to know the block. */
export function isKnownToAny(tree: BlockTree, block: BlockEntry, view: number): boolean {
  const { maskWords } = tree.columns;
  for (let word = view * maskWords; word < (view + 1) * maskWords; word++)
    if (((block.beliefs.known[word] as number) & (tree.linksUp[word] as number)) !== 0) return true;
  return false;
}

/** Every peer that is linked now is believed to know the block, though none said so. */
export function supposeKnown(tree: BlockTree, block: BlockEntry, view: number): void {
  const { maskWords } = tree.columns;
  const { known } = block.beliefs;
  for (let word = view * maskWords; word < (view + 1) * maskWords; word++)
    known[word] = (known[word] as number) | (tree.linksUp[word] as number);
}

/** No peer is believed to know the block any more, until one says so again. */
export function forgetKnowers(tree: BlockTree, block: BlockEntry, view: number): void {
  const { maskWords } = tree.columns;
  block.beliefs.known.fill(0, view * maskWords, (view + 1) * maskWords);
}

/** A link that comes back under the same number may lead to another peer: nothing is known of what that one knows. */
export function forgetKnown(tree: BlockTree, view: number, link: number): void {
  const word = view * tree.columns.maskWords + (link >> 5);
  for (const block of tree.unsettled) {
    const { known } = block.beliefs;
    known[word] = (known[word] as number) & ~(1 << (link & 31));
  }
}

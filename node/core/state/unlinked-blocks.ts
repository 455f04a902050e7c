import type { Hex } from "../chain/types.ts";
import { invariant } from "../support/invariant.ts";
import type { BlockEntry } from "./block-entry.ts";

/**
 * Blocks of unknown parents that the tree keeps, so that a parent that comes late finds them; beyond it the oldest is forgotten.
 * Whoever invents parents makes a node keep this many headers, no more.
 */
export const UNLINKED_COUNT_MAX = 256;

/** Blocks whose parents a tree does not know yet. */
export class UnlinkedBlocks {
  /** Oldest first. */
  readonly #blocks = new Set<BlockEntry>();
  readonly #byParent = new Map<Hex, BlockEntry[]>();

  /** Keeps the block; another that is to be forgotten for it, or null. */
  add(block: BlockEntry): BlockEntry | null {
    const { parentHash } = block.header;
    this.#blocks.add(block);
    const siblings = this.#byParent.get(parentHash);
    if (siblings === undefined) this.#byParent.set(parentHash, [block]);
    else siblings.push(block);
    if (this.#blocks.size <= UNLINKED_COUNT_MAX) return null;
    const [oldest] = this.#blocks;
    invariant(oldest !== undefined, "unlinked blocks are counted and there are none");
    this.#drop(oldest);
    return oldest;
  }

  /** Those that wait for this parent, oldest first; they are linked from now on, or forgotten. */
  takeChildrenOf(parentHash: Hex): readonly BlockEntry[] {
    const children = this.#byParent.get(parentHash) ?? [];
    this.#byParent.delete(parentHash);
    for (const child of children) this.#blocks.delete(child);
    return children;
  }

  #drop(block: BlockEntry): void {
    const { parentHash } = block.header;
    const siblings = (this.#byParent.get(parentHash) ?? []).filter((other) => other !== block);
    if (siblings.length === 0) this.#byParent.delete(parentHash);
    else this.#byParent.set(parentHash, siblings);
    this.#blocks.delete(block);
  }
}

import type { Hex } from "../chain/types.ts";
import type { BlockEntry } from "./block-entry.ts";

/**
 * Blocks of unknown parents that a tree keeps, so that a parent that comes late finds them; beyond it the oldest is forgotten.
 * Whoever invents parents makes a node keep this many headers, no more.
 */
export const UNLINKED_COUNT_MAX = 256;

/** Unlinked blocks, found by the parent that they lack. */
export class Orphans {
  /** Oldest first. */
  readonly #all = new Set<BlockEntry>();
  readonly #byParent = new Map<Hex, BlockEntry[]>();

  /** Keeps one more; gives the one that had to go for it, if any. */
  add(block: BlockEntry): BlockEntry | null {
    const { parentHash } = block.header;
    this.#all.add(block);
    const siblings = this.#byParent.get(parentHash);
    if (siblings === undefined) this.#byParent.set(parentHash, [block]);
    else siblings.push(block);
    const [oldest] = this.#all;
    if (this.#all.size <= UNLINKED_COUNT_MAX || oldest === undefined) return null;
    this.#remove(oldest);
    return oldest;
  }

  /** Those that waited for this parent; they are none any more. */
  takeChildrenOf(parentHash: Hex): readonly BlockEntry[] {
    const children = this.#byParent.get(parentHash);
    if (children === undefined) return NONE;
    this.#byParent.delete(parentHash);
    for (const child of children) this.#all.delete(child);
    return children;
  }

  #remove(block: BlockEntry): void {
    const { parentHash } = block.header;
    const siblings = (this.#byParent.get(parentHash) ?? []).filter((other) => other !== block);
    if (siblings.length === 0) this.#byParent.delete(parentHash);
    else this.#byParent.set(parentHash, siblings);
    this.#all.delete(block);
  }
}

const NONE: readonly BlockEntry[] = [];

import { HELD } from "../state/belief-columns.ts";
import type { BlockEntry } from "../state/block-entry.ts";
import type { BlockTree } from "../state/block-tree.ts";
import { parentOf } from "../state/fork-choice.ts";
import type { ViewState } from "./view-state.ts";

/**
 * Blocks that views stored and do not hold, because a block below them is damaged: they need not come from peers, who may not have them, once that one
 * is there again. Nearly always there are none, so nothing is kept with a view.
 */
export class StrandedBodies {
  readonly #tree: BlockTree;
  /** By view, parents before children. */
  readonly #stranded = new Map<number, Set<BlockEntry>>();

  constructor(tree: BlockTree) {
    this.#tree = tree;
  }

  get isEmpty(): boolean {
    return this.#stranded.size === 0;
  }

  forget(view: number): void {
    this.#stranded.delete(view);
  }

  note(view: number, block: BlockEntry): void {
    this.#stranded.set(view, (this.#stranded.get(view) ?? new Set()).add(block));
  }

  /** The next whose parent is held by now, with its body in memory; null if there is none. */
  next(state: ViewState): BlockEntry | null {
    const stranded = this.#stranded.get(state.view);
    if (stranded === undefined) return null;
    for (const block of stranded) {
      const isHeld = block.beliefs.status[state.view] === HELD;
      if (!isHeld && parentOf(block).beliefs.status[state.view] !== HELD) continue;
      stranded.delete(block);
      if (stranded.size === 0) this.#stranded.delete(state.view);
      if (!isHeld && this.#tree.bodyOf(block) !== null) return block;
    }
    return null;
  }
}

import type { BeliefColumns } from "./belief-columns.ts";
import type { BlockEntry } from "./block-entry.ts";

/** When so many of them are forgotten the list is made anew: not for each, or a flood of orphans would copy it ten thousand times. */
const PURGED_RATIO = 1 / 8;

/**
 * The blocks with a column of beliefs of their own, because some view does not hold them yet. The columns of those that every view holds are taken
 * back now and then, and lent to others.
 */
export class UnsettledBlocks {
  /** In the order of arrival. Some may be forgotten. */
  blocks: BlockEntry[] = [];
  readonly #columns: BeliefColumns;
  #settleAtCount = 1;
  #forgottenCount = 0;

  constructor(columns: BeliefColumns) {
    this.#columns = columns;
  }

  add(block: BlockEntry): void {
    this.blocks.push(block);
  }

  /** The block that was added last has no column of its own after all. */
  settleLast(): void {
    const block = this.blocks.pop();
    if (block !== undefined) this.#takeBack(block);
  }

  /** So many of them were forgotten. */
  forgotten(count: number): void {
    this.#forgottenCount += count;
    if (this.#forgottenCount < this.blocks.length * PURGED_RATIO) return;
    this.blocks = this.blocks.filter((block) => !block.isForgotten);
    this.#forgottenCount = 0;
  }

  /**
   * Takes back the columns of blocks that every view holds. Done when the blocks without one have doubled since the
   * last time, so that a node which learns a hundred thousand headers does not walk them for each.
   */
  settle(): void {
    if (this.blocks.length < this.#settleAtCount) return;
    const { viewCount } = this.#columns;
    this.blocks = this.blocks.filter((block) => {
      if (block.isForgotten) return false;
      if (block.heldCount < viewCount) return true;
      this.#takeBack(block);
      return false;
    });
    this.#forgottenCount = 0;
    this.#settleAtCount = 2 * this.blocks.length + 1;
  }

  #takeBack(block: BlockEntry): void {
    this.#columns.give(block.beliefs);
    block.beliefs = this.#columns.settled;
  }
}

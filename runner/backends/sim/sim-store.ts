import type { BlockEntry } from "../../../node/core/state/block-entry.ts";
import type { ChainStore } from "../../../node/ports/chain-store.ts";

/** Keeps each node's blocks apart from what its views believe, so that a crash takes the beliefs and leaves the blocks. */
export class SimStore implements ChainStore {
  readonly #blocks: BlockEntry[][];

  constructor(nodeCount: number) {
    this.#blocks = Array.from({ length: nodeCount }, () => []);
  }

  append(view: number, block: BlockEntry): void {
    this.blocksOf(view).push(block);
  }

  /** In the order in which they were held: parents before children. */
  blocksOf(view: number): BlockEntry[] {
    return this.#blocks[view] as BlockEntry[];
  }
}

/** For runs in which no node ever restarts: nothing will be read back. */
export const FORGETFUL_STORE: ChainStore = { append: () => undefined };

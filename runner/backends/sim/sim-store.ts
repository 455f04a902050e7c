import type { BlockEntry } from "../../../node/core/state/block-entry.ts";
import type { FoundBlock } from "../../../node/host/restore-chain.ts";
import type { ChainStore } from "../../../node/ports/chain-store.ts";

/** Keeps each node's blocks apart from what its views believe, so that a crash takes the beliefs and leaves the blocks. */
export class SimStore implements ChainStore {
  readonly #blocks: FoundBlock[][];

  constructor(nodeCount: number) {
    this.#blocks = Array.from({ length: nodeCount }, () => []);
  }

  append(view: number, block: BlockEntry): void {
    this.#blocks[view]?.push({ block, hasBody: true });
  }

  /** What a start finds, in the order of storing: parents before children. */
  found(view: number): readonly FoundBlock[] {
    return this.#blocks[view] ?? [];
  }

  /** Blocks whose ledgers are kept, height descending: a start need not apply what leads to them. None here, where nothing is applied twice. */
  kept(_view: number): readonly BlockEntry[] {
    return [];
  }
}

/** For runs in which no node ever restarts: nothing will be read back. */
export const FORGETFUL_STORE: ChainStore = { append: () => undefined };

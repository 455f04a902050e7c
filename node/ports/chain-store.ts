import type { BlockEntry } from "../core/state/block-entry.ts";

/**
 * Keeps the blocks that a view holds, parents before children. When `append` returns the block survives the end of the process;
 * a disk that fails is fatal to the node, because it could acknowledge nothing any more: the adapter throws a `StorageError`.
 */
export interface ChainStore {
  append(view: number, block: BlockEntry): void;
}

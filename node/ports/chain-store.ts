import type { Header } from "../core/chain/types.ts";
import type { BlockEntry } from "../core/state/block-entry.ts";

/**
 * Keeps the blocks that a view holds, parents before children. When `append` returns the block survives the end of the process;
 * a disk that fails is fatal to the node, because it could acknowledge nothing any more: the adapter throws a `StorageError`.
 * A block that is there already is written again: its bytes may be damaged.
 */
export interface ChainStore {
  append(view: number, block: BlockEntry): void;
}

/** What a start reads of a block that was stored. */
export interface StoredHeader {
  readonly header: Header;
  /** Canonical bytes of the whole block. */
  readonly sizeBytes: number;
  /** Whether its body is there, as far as is known before it is read. */
  readonly hasBody: boolean;
}

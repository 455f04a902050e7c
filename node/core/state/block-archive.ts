import type { Hex } from "../chain/types.ts";
import type { BlockEntry } from "./block-entry.ts";

/**
 * Where a tree leaves what a long chain would fill the memory with: the bodies of old blocks, and ledgers from which others are found again.
 * A live node's store is one. A simulation has none: its blocks are shared by all nodes and stay in memory.
 */
export interface BlockArchive {
  /**
   * The canonical bytes of a block that is held, body and all; null if they cannot be had any more. Then the archive has told of the damage
   * itself. Bytes that turn out not to be this block's are handed back to `setAside`.
   */
  blockBytes(block: BlockEntry): Uint8Array | null;
  /** What `blockBytes` gave is not this block, in words: as good as lost. */
  setAside(block: BlockEntry, reason: string): void;
  /** Keeps a ledger (`ledger-bytes.ts`). Older ones may be let go. */
  keepLedger(block: BlockEntry, bytes: Uint8Array): void;
  /** The ledgers that are kept, height descending. */
  readonly ledgerBlocks: readonly Hex[];
  /** Null if it is not kept, or damaged, which the archive has told of. */
  ledgerBytes(hash: Hex): Uint8Array | null;
  /** What `ledgerBytes` gave is not the ledger after this block, in words. */
  setLedgerAside(hash: Hex, reason: string): void;
  /** What `ledgerBytes` gave is of no use any more. */
  dropLedger(hash: Hex): void;
}

/** A ledger cannot be found again because the body of a block on the way is damaged. The next start fetches it from peers. */
export class BodyLostError extends Error {
  override readonly name = "BodyLostError";
}

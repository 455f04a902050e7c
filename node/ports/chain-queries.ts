import type { TransactionFacts } from "../core/chain/transaction-facts.ts";
import type { Hex } from "../core/chain/types.ts";
import type { BlockEntry } from "../core/state/block-entry.ts";

/**
 * What can be asked of the best chain of a live node beyond its tip: blocks by height, transactions by id, accounts by key. Synchronous. The
 * order of transactions is that of the chain: by height, then by index within their block.
 */
export interface ChainQueries {
  /** Transactions of lower blocks are not found: there were too many. */
  readonly fromHeight: number;
  /** Not all blocks are looked through yet, after a start or a long reorganisation: only blocks by height can be asked for. */
  readonly isBehind: boolean;
  /** The block at this height of the chain that ends in `tip`, which may have left the best chain since; null above it. */
  ancestorAt(tip: BlockEntry, height: number): BlockEntry | null;
  /** Null: not on the best chain, or below `fromHeight`. */
  placeOf(id: Hex): TransactionPlace | null;
  /** Transactions from `fromHeight` on, the newest first, `limit` at most. */
  latest(before: ChainPosition | null, limit: number): PlacePage;
  /** The same of those that an account mined, sent or received; and of those that their application has under a label (`node/apps/applications.ts`). */
  historyOf(account: Hex, before: ChainPosition | null, limit: number): PlacePage;
  /** The transactions of a block that is held; null if they are lost. */
  bodyOf(block: BlockEntry): readonly TransactionFacts[] | null;
}

export interface ChainPosition {
  readonly height: number;
  /** Within the block, from 0. */
  readonly index: number;
}

export interface TransactionPlace {
  readonly block: BlockEntry;
  readonly index: number;
}

export interface PlacePage {
  /** On all pages together. */
  readonly count: number;
  readonly places: readonly TransactionPlace[];
  /** `before` of the page that follows; null on the last. */
  readonly next: ChainPosition | null;
}

import type { Coins, Hex, Transaction } from "./types.ts";

/**
 * A transaction and what is true of it for everyone on one chain, computed once and shared by every view that holds it.
 * Made by `rules/check-transaction.ts`.
 */
export interface TransactionFacts {
  readonly tx: Transaction;
  /**
   * SHA-256 of the canonical bytes, signature included: a Merkle root over ids commits to signatures too, so that nobody can
   * spoil a block by swapping one while its hash stays.
   */
  readonly id: Hex;
  /** Of the canonical bytes. */
  readonly sizeBytes: number;
  /** What the sender's balance must cover: amount and fee; 0 for a coinbase. */
  readonly cost: Coins;
  /** What is wrong with it whatever the ledger says. Found when first asked for, then kept: a signature costs 0.1 ms to verify. */
  readonly violation: TransactionFault | null;
}

/** A rule that a transaction breaks by itself, on any ledger of its chain. */
export type TransactionFault =
  | { readonly code: "bad-signature"; readonly id: Hex }
  | { readonly code: "bad-payload"; readonly id: Hex; readonly reason: string }
  | { readonly code: "unknown-application"; readonly id: Hex; readonly app: string };

/** What a transaction takes from its sender, whatever its application does besides. */
export function costOf(tx: Transaction): Coins {
  switch (tx.body.kind) {
    case "coinbase":
      return 0n;
    case "transfer":
      return tx.body.amount + tx.fee;
    case "post":
    case "app":
      return tx.fee;
  }
}

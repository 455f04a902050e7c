import type { TransactionFault } from "../chain/transaction-facts.ts";
import type { Coins, Hex } from "../chain/types.ts";

/** A rule of the chain that a header, block or transaction breaks: a code and the facts. A value, never thrown. */
export type Violation = HeaderViolation | BlockViolation | TransactionViolation | AdmissionViolation;

/** Broken by a header, whatever its block holds. */
export type HeaderViolation =
  | { readonly code: "bad-version"; readonly version: number }
  | { readonly code: "bad-height"; readonly height: number; readonly expectedHeight: number }
  | { readonly code: "bad-target"; readonly compactTarget: number; readonly expectedCompactTarget: number }
  | { readonly code: "high-hash"; readonly hash: Hex; readonly compactTarget: number }
  | { readonly code: "time-too-old"; readonly timeMs: number; readonly medianTimePastMs: number }
  | { readonly code: "time-too-new"; readonly timeMs: number; readonly limitMs: number }
  | { readonly code: "bad-parent"; readonly parentHash: Hex };

/** Broken by a block's body. */
export type BlockViolation =
  | { readonly code: "block-too-large"; readonly sizeBytes: number; readonly limitBytes: number }
  | { readonly code: "bad-merkle-root"; readonly merkleRoot: Hex; readonly expectedMerkleRoot: Hex }
  | {
      readonly code: "bad-coinbase";
      readonly reason:
        | "missing"
        | "not-first"
        | "wrong-account"
        | "wrong-height"
        | "wrong-amount"
        | "has-fee";
    }
  | { readonly code: "duplicate-transaction"; readonly id: Hex };

/** Broken by a transaction, on its own or against the ledger that it meets. */
export type TransactionViolation =
  | TransactionFault
  | {
      readonly code: "bad-sequence";
      readonly id: Hex;
      readonly sequence: number;
      readonly expectedSequence: number;
    }
  | { readonly code: "no-cover"; readonly id: Hex; readonly balance: Coins; readonly cost: Coins }
  /** The rules of its application do not let it pass on this ledger. */
  | {
      readonly code: "app-refused";
      readonly id: Hex;
      readonly app: string;
      readonly reason: string;
      readonly facts: Readonly<Record<string, string | number>>;
    };

/** Why a mempool does not take a transaction that may be valid in itself. */
export type AdmissionViolation =
  | { readonly code: "already-known"; readonly id: Hex }
  | {
      readonly code: "sequence-too-far";
      readonly id: Hex;
      readonly sequence: number;
      readonly nextSequence: number;
    }
  /** Another transaction of the account that waits here has the sequence; the first seen stays. */
  | {
      readonly code: "sequence-taken";
      readonly id: Hex;
      readonly sequence: number;
      readonly holderId: Hex;
      /** The least for which it would take the holder's place. */
      readonly feeNeeded: Coins;
    }
  /** It has no fee, and the node has taken as much for nothing as it does for now. */
  | { readonly code: "over-free-relay"; readonly id: Hex; readonly sizeBytes: number }
  | { readonly code: "mempool-full"; readonly id: Hex; readonly fee: Coins; readonly sizeBytes: number };

import * as z from "zod";
import { transactionShape } from "./block-shapes.ts";
import { count, decimal, hash, height } from "./plain-shapes.ts";

export const proofShape = z
  .object({
    merkleRoot: hash(),
    index: count(),
    leafCount: count(),
    siblings: z.array(hash()),
  })
  .meta({
    id: "MerkleProof",
    description: "That the id is under the root that the block's header commits to.",
  });

export const foundTransactionShape = z
  .object({
    state: z.enum(["waiting", "confirmed"]),
    block: hash().nullable(),
    height: height().nullable(),
    confirmations: count(),
    proof: proofShape.nullable(),
    transaction: transactionShape,
  })
  .meta({ id: "FoundTransaction" });

export const mempoolShape = z
  .object({ count: count(), bytes: count(), transactions: z.array(transactionShape) })
  .meta({ id: "Mempool" });

export const transactionPageShape = z
  .object({
    height: height(),
    tip: hash(),
    transactions: z.array(
      z.object({ block: hash(), height: height(), index: count(), transaction: transactionShape }),
    ),
    next: z.string().nullable(),
  })
  .meta({ id: "TransactionPage", description: "Confirmed transactions, the newest first." });

export const historyEntryShape = z
  .object({
    id: hash(),
    block: hash(),
    height: height(),
    index: count(),
    timeMs: z.int(),
    kind: z.enum(["coinbase", "transfer", "post", "app"]),
    role: z.enum(["mined", "sent", "received"]),
    other: hash().nullable(),
    amount: decimal().nullable(),
    fee: decimal(),
  })
  .meta({ id: "HistoryEntry", description: "other: the account at the other end, null if there is none." });

export const accountShape = z
  .object({
    account: hash(),
    balance: decimal(),
    nextSequence: count(),
    nextToSubmit: count(),
    asOf: hash(),
    history: z
      .object({
        count: count(),
        fromHeight: height(),
        entries: z.array(historyEntryShape),
        next: z.string().nullable(),
      })
      .nullable(),
  })
  .meta({ id: "Account" });

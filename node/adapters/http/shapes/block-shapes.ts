import * as z from "zod";
import { hex } from "../../../schemas/decode.ts";
import { count, decimal, hash, height } from "./plain-shapes.ts";

export const transactionShape = z
  .object({
    id: hash(),
    sizeBytes: count(),
    body: z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("coinbase"), amount: decimal() }),
      z.object({ kind: z.literal("transfer"), recipient: hash(), amount: decimal() }),
      z.object({ kind: z.literal("post"), text: z.string() }),
      z.object({ kind: z.literal("app"), app: z.string(), payload: z.string() }),
    ]),
    sender: hash(),
    sequence: count(),
    fee: decimal(),
    signature: hex(64),
  })
  .meta({ id: "Transaction", description: "A transaction, as it is submitted, with its id and size." });

const headerFields = {
  hash: hash(),
  height: height(),
  version: z.int(),
  parentHash: hash(),
  merkleRoot: hash(),
  timeMs: z.int(),
  compactTarget: z.int(),
  difficulty: z.number(),
  miner: hash(),
  nonce: decimal(),
  sizeBytes: count(),
  work: decimal(),
  chainWork: decimal(),
  transactionCount: count(),
};

export const headerShape = z
  .object(headerFields)
  .meta({ id: "Header", description: "A block without its transactions." });

const blockFields = { ...headerFields, transactions: z.array(transactionShape) };

export const blockShape = z
  .object(blockFields)
  .meta({ id: "Block", description: "A block of the best chain." });

export const oneBlockShape = z.object({ ...blockFields, confirmations: z.int().min(1).nullable() }).meta({
  id: "OneBlock",
  description: "A block that is held; confirmations is null off the best chain, 1 for the tip.",
});

const pageFields = { height: height(), tip: hash(), from: height(), next: height().nullable() };

export const blockPageShape = z
  .object({ ...pageFields, blocks: z.array(blockShape) })
  .meta({ id: "BlockPage", description: "Blocks of the best chain, height ascending." });

export const headerPageShape = z
  .object({ ...pageFields, headers: z.array(headerShape) })
  .meta({ id: "HeaderPage", description: "Headers of the best chain, height ascending." });

export const treeShape = z
  .object({
    height: height(),
    tip: hash(),
    from: height(),
    blocks: z.array(
      z.object({
        hash: hash(),
        parentHash: hash(),
        height: height(),
        timeMs: z.int(),
        miner: hash(),
        chainWork: decimal(),
        isBest: z.boolean(),
      }),
    ),
  })
  .meta({ id: "Tree", description: "Blocks that are held, on the best chain or not, height ascending." });

import { difficultyOf, workOfCompact } from "../../core/chain/target.ts";
import type { TransactionFacts } from "../../core/chain/transaction-facts.ts";
import type { BlockEntry } from "../../core/state/block-entry.ts";

/** A header as JSON: numbers that may exceed 2^53 as decimal strings. `transactionCount` is null where the body is damaged. */
export function headerJson(
  { header, hash, sizeBytes, chainWork }: BlockEntry,
  transactionCount: number | null,
) {
  return {
    hash,
    height: header.height,
    version: header.version,
    parentHash: header.parentHash,
    merkleRoot: header.merkleRoot,
    timeMs: header.timeMs,
    compactTarget: header.compactTarget,
    difficulty: difficultyOf(header.compactTarget),
    miner: header.miner,
    nonce: header.nonce.toString(),
    sizeBytes,
    work: workOfCompact(header.compactTarget).toString(),
    chainWork: chainWork.toString(),
    transactionCount,
  };
}

/** A block as JSON, without what depends on where the chain ends. */
export function blockJson(block: BlockEntry, transactions: readonly TransactionFacts[]) {
  return { ...headerJson(block, transactions.length), transactions: transactions.map(transactionJson) };
}

/** A transaction as JSON: as it is submitted, with its id and size. */
export function transactionJson(facts: TransactionFacts) {
  const { body, sender, sequence, fee, signature } = facts.tx;
  return {
    id: facts.id,
    sizeBytes: facts.sizeBytes,
    body: "amount" in body ? { ...body, amount: body.amount.toString() } : body,
    sender,
    sequence,
    fee: fee.toString(),
    signature,
  };
}

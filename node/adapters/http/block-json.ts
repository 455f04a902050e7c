import { difficultyOf, workOfCompact } from "../../core/chain/target.ts";
import type { TransactionFacts } from "../../core/chain/transaction-facts.ts";
import type { BlockEntry } from "../../core/state/block-entry.ts";

type Body = readonly TransactionFacts[];

/** A header as JSON: numbers that may exceed 2^53 as decimal strings. `transactionCount` is null where the body is damaged. */
export function headerJson(block: BlockEntry, transactions: Body | null) {
  const { header, hash, sizeBytes, chainWork } = block;
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
    transactionCount: transactions?.length ?? null,
  };
}

/** A block as JSON; `confirmations` is null off the best chain, 1 for the tip. */
export function blockJson(block: BlockEntry, transactions: Body, tip: BlockEntry) {
  const onBestChain = isOnChain(block, tip);
  return {
    ...headerJson(block, transactions),
    confirmations: onBestChain ? tip.header.height - block.header.height + 1 : null,
    transactions: transactions.map(transactionJson),
  };
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

function isOnChain(block: BlockEntry, tip: BlockEntry): boolean {
  let at: BlockEntry | null = tip;
  while (at !== null && at.header.height > block.header.height) at = at.parent;
  return at === block;
}

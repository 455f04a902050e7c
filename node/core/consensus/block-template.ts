import { roomForTransactionsBytes } from "../chain/block-bytes.ts";
import { HEADER_VERSION } from "../chain/header-bytes.ts";
import { merkleRoot } from "../chain/merkle.ts";
import { NO_SIGNATURE } from "../chain/transaction-bytes.ts";
import type { TransactionFacts } from "../chain/transaction-facts.ts";
import type { Header, Hex } from "../chain/types.ts";
import { coinbaseAmount } from "../rules/check-block.ts";
import { makeTransactionFacts } from "../rules/check-transaction.ts";
import { medianTimePastMs } from "../rules/difficulty.ts";
import type { BlockEntry } from "../state/block-entry.ts";
import type { BlockTree } from "../state/block-tree.ts";
import type { Mempool } from "../state/mempool.ts";
import { type Micros, toWholeMs } from "../support/micros.ts";

/** A block that lacks only its nonce, which is 0 here. */
export interface BlockTemplate {
  readonly header: Header;
  /** The coinbase first. */
  readonly transactions: readonly TransactionFacts[];
}

/**
 * The best block that a miner can make now on top of `parent`: what the mempool pays most for, as far as it fits. Its time is the
 * miner's clock, or the smallest that the rules allow where the clock is behind.
 */
export function buildTemplate(
  tree: BlockTree,
  parent: BlockEntry,
  mempool: Mempool,
  miner: Hex,
  nowUs: Micros,
): BlockTemplate {
  const { parameters } = tree;
  const height = parent.header.height + 1;
  const chosen =
    mempool.count === 0
      ? []
      : mempool.select(tree.ledgerAfter(parent), roomForTransactionsBytes(parameters.blockBytesMax));
  const body = { kind: "coinbase", amount: coinbaseAmount(chosen, parameters) } as const;
  const coinbase = makeTransactionFacts(
    { body, sender: miner, sequence: height, fee: 0n, signature: NO_SIGNATURE },
    tree.transactionContext,
  );
  const transactions = [coinbase, ...chosen];
  const header: Header = {
    version: HEADER_VERSION,
    height,
    parentHash: parent.hash,
    merkleRoot: merkleRoot(
      transactions.map((facts) => facts.id),
      tree.transactionContext.sha256,
    ),
    timeMs: Math.max(toWholeMs(nowUs), medianTimePastMs(parent) + 1),
    compactTarget: tree.compactTargetAfter(parent),
    miner,
    nonce: 0n,
  };
  return { header, transactions };
}

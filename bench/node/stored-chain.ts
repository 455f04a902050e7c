import { mkdirSync } from "node:fs";
import { NodeCrypto, signerFromSeed } from "../../node/adapters/node-crypto.ts";
import { SqliteChainStore } from "../../node/adapters/store/sqlite-chain-store.ts";
import { merkleRoot } from "../../node/core/chain/merkle.ts";
import { compactFromDifficulty } from "../../node/core/chain/target.ts";
import { NO_SIGNATURE, signingBytes } from "../../node/core/chain/transaction-bytes.ts";
import type { TransactionFacts } from "../../node/core/chain/transaction-facts.ts";
import { coinbaseAmount } from "../../node/core/rules/check-block.ts";
import { makeTransactionFacts } from "../../node/core/rules/check-transaction.ts";
import type { ChainParameters } from "../../node/core/rules/parameters.ts";
import type { BlockEntry } from "../../node/core/state/block-entry.ts";
import { BlockTree } from "../../node/core/state/block-tree.ts";

const GENESIS_TIME_MS = 1_735_689_600_000;
const MINER = "00".repeat(31).concat("07");
const SENDERS = Array.from({ length: 10 }, (_, sender) => signerFromSeed(`bench sender ${sender}`));

/** A chain whose blocks cost nothing to make. */
export const CHAIN: ChainParameters = {
  name: "bench",
  seal: "drawn",
  initialCompactTarget: compactFromDifficulty(16),
  difficultyRule: { kind: "fixed" },
  genesisTimeMs: GENESIS_TIME_MS,
  allocations: SENDERS.map(({ publicKey }) => ({ account: publicKey, amount: 1_000_000_000n })),
  blockReward: 50n,
  blockBytesMax: 1_000_000,
  futureLimitMs: 7_200_000,
};

/** Fills a node's folder with a valid chain of so many blocks, each with so many signed transfers; the hash of its tip. */
export function storeChain(folder: string, blocks: number, transactionsPerBlock: number): string {
  const crypto = new NodeCrypto();
  // What is signed here need not be verified here.
  const functions = { sha256: (bytes: Uint8Array) => crypto.sha256(bytes), verify: () => true };
  const tree = new BlockTree(CHAIN, { viewCount: 1, linkCountMax: 1 }, functions);
  mkdirSync(folder, { recursive: true });
  const store = SqliteChainStore.open(
    folder,
    { genesisHash: tree.genesis.hash, name: CHAIN.name },
    (damage) => {
      throw new Error(damage.reason);
    },
  );
  let tip = tree.genesis;
  let sent = 0;
  for (let height = 1; height <= blocks; height += 1) {
    const transfers = Array.from({ length: transactionsPerBlock }, () => transfer(tree, sent++));
    tip = blockOn(tree, tip, transfers);
    store.append(0, tip);
  }
  store.close();
  return tip.hash;
}

function transfer(tree: BlockTree, index: number): TransactionFacts {
  const signer = SENDERS[index % SENDERS.length];
  if (signer === undefined) throw new RangeError("there are senders");
  const body = { kind: "transfer", recipient: MINER, amount: 1n } as const;
  const unsigned = { body, sender: signer.publicKey, sequence: Math.floor(index / SENDERS.length), fee: 1n };
  const signature = signer.sign(signingBytes(unsigned, tree.genesis.hash));
  return makeTransactionFacts({ ...unsigned, signature }, tree.transactionContext);
}

function blockOn(tree: BlockTree, parent: BlockEntry, transfers: readonly TransactionFacts[]): BlockEntry {
  const height = parent.header.height + 1;
  const body = { kind: "coinbase", amount: coinbaseAmount(transfers, CHAIN) } as const;
  const unsigned = { body, sender: MINER, sequence: height, fee: 0n, signature: NO_SIGNATURE };
  const transactions = [makeTransactionFacts(unsigned, tree.transactionContext), ...transfers];
  const ids = transactions.map(({ id }) => id);
  const header = {
    version: 1,
    height,
    parentHash: parent.hash,
    merkleRoot: merkleRoot(ids, tree.transactionContext.sha256),
    timeMs: GENESIS_TIME_MS + height * 1_000,
    compactTarget: tree.compactTargetAfter(parent),
    miner: MINER,
    nonce: BigInt(height),
  };
  const entered = tree.enterMined(header, transactions);
  if (!entered.ok) throw new Error(`a bad block was made: ${entered.violation.code}`);
  const violation = tree.judge(entered.block);
  if (violation !== null) throw new Error(`a bad block was made: ${violation.code}`);
  return entered.block;
}

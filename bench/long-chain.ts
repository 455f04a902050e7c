import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { NodeCrypto, signerFromSeed } from "../node/adapters/node-crypto.ts";
import { SqliteChainStore } from "../node/adapters/store/sqlite-chain-store.ts";
import { merkleRoot } from "../node/core/chain/merkle.ts";
import { compactFromDifficulty } from "../node/core/chain/target.ts";
import { NO_SIGNATURE, signingBytes } from "../node/core/chain/transaction-bytes.ts";
import type { TransactionFacts } from "../node/core/chain/transaction-facts.ts";
import type { Transaction } from "../node/core/chain/types.ts";
import { coinbaseAmount } from "../node/core/rules/check-block.ts";
import { makeCheckedFacts } from "../node/core/rules/check-transaction.ts";
import type { ChainParameters } from "../node/core/rules/parameters.ts";
import type { BlockEntry } from "../node/core/state/block-entry.ts";
import { BlockTree } from "../node/core/state/block-tree.ts";

/** Accounts that send to one another in turn. */
const ACCOUNT_COUNT = 100;

/** Stored by a node that ran for a long time; the chain's parameters are beside it, as `--chain` takes them. */
export interface LongChain {
  readonly dir: string;
  readonly chainFile: string;
  readonly tipHash: string;
}

/** Makes a node's folder with `blockCount` blocks in it, below `root`. Four transfers and the coinbase are a block of about 1 kB. */
export function makeLongChain(root: string, blockCount: number, transfersPerBlock: number): LongChain {
  const crypto = new NodeCrypto();
  const sha256 = crypto.sha256.bind(crypto);
  const signers = Array.from({ length: ACCOUNT_COUNT }, (_, index) => signerFromSeed(`long chain ${index}`));
  const [miner] = signers;
  if (miner === undefined) throw new Error("no accounts");
  const parameters: ChainParameters = {
    name: "long",
    seal: "drawn",
    initialCompactTarget: compactFromDifficulty(10),
    difficultyRule: { kind: "fixed" },
    genesisTimeMs: 1_700_000_000_000,
    allocations: signers.map(({ publicKey }) => ({ account: publicKey, amount: 1_000_000_000n })),
    blockReward: 50n,
    blockBytesMax: 100_000,
    futureLimitMs: 7_200_000,
  };
  const chainFile = join(root, "chain.json");
  writeFileSync(
    chainFile,
    JSON.stringify(parameters, (_, value) => (typeof value === "bigint" ? String(value) : value)),
  );
  const dir = join(root, "node");
  mkdirSync(dir);
  const verify = crypto.verify.bind(crypto);
  const tree = new BlockTree(parameters, { viewCount: 1, linkCountMax: 1 }, { sha256, verify });
  const store = SqliteChainStore.open(
    dir,
    { genesisHash: tree.genesis.hash, name: parameters.name },
    (damage) => {
      throw new Error(damage.reason);
    },
  );
  tree.attachArchive(store);
  const context = tree.transactionContext;

  let sent = 0;
  const transfer = (): TransactionFacts => {
    const signer = signers[sent % ACCOUNT_COUNT] ?? miner;
    const recipient = (signers[(sent + 1) % ACCOUNT_COUNT] ?? miner).publicKey;
    const sequence = Math.floor(sent / ACCOUNT_COUNT);
    sent++;
    const unsigned = {
      body: { kind: "transfer", recipient, amount: 1n },
      sender: signer.publicKey,
      sequence,
      fee: 1n,
    } as const;
    return makeCheckedFacts(
      { ...unsigned, signature: signer.sign(signingBytes(unsigned, context.genesisHash)) },
      context,
    );
  };
  let tip: BlockEntry = tree.genesis;
  while (tip.header.height < blockCount) {
    const transfers = Array.from({ length: transfersPerBlock }, transfer);
    tip = addBlock(tree, tip, miner.publicKey, transfers);
    store.append(0, tip);
  }
  store.close();
  return { dir, chainFile, tipHash: tip.hash };
}

function addBlock(
  tree: BlockTree,
  parent: BlockEntry,
  miner: string,
  transfers: TransactionFacts[],
): BlockEntry {
  const { parameters, transactionContext: context } = tree;
  const height = parent.header.height + 1;
  const amount = coinbaseAmount(transfers, parameters);
  const coinbase: Transaction = {
    body: { kind: "coinbase", amount },
    sender: miner,
    sequence: height,
    fee: 0n,
    signature: NO_SIGNATURE,
  };
  const transactions = [makeCheckedFacts(coinbase, context), ...transfers];
  const header = {
    version: 1,
    height,
    parentHash: parent.hash,
    merkleRoot: merkleRoot(
      transactions.map(({ id }) => id),
      context.sha256,
    ),
    timeMs: parent.header.timeMs + 1_000,
    compactTarget: tree.compactTargetAfter(parent),
    miner,
    nonce: 0n,
  };
  const entered = tree.enterMined(header, transactions);
  if (!entered.ok || tree.judge(entered.block) !== null) throw new Error("the bench made an invalid block");
  // Held: its body may be let go.
  entered.block.heldCount = 1;
  return entered.block;
}

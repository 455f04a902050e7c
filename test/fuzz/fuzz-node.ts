import { signerFromSeed } from "../../node/adapters/node-crypto.ts";
import { compactFromDifficulty } from "../../node/core/chain/target.ts";
import { signingBytes } from "../../node/core/chain/transaction-bytes.ts";
import type { Header, Transaction } from "../../node/core/chain/types.ts";
import { makeTransactionFacts } from "../../node/core/rules/check-transaction.ts";
import type { BlockEntry } from "../../node/core/state/block-entry.ts";
import type { BlockTree } from "../../node/core/state/block-tree.ts";
import { decodeChainParameters } from "../../node/schemas/chain-parameters-schema.ts";
import { transactionSchema } from "../../node/schemas/transaction-schema.ts";
import { CONTROL_TOKEN, chainJson, NodeUnderTest, type Scratch } from "../support/live-process.ts";
import { aTree } from "../support/mined-blocks.ts";

export const alice = signerFromSeed("alice");

/** So hard that no changed header is valid by luck, twenty thousand of them included, and so easy that a few blocks take seconds. */
const DIFFICULTY_BITS = 20;

const BLOCKS = 3;

/** A node that holds a short chain and mines no more, and what a fuzzer knows of it. */
export interface FuzzedNode {
  readonly node: NodeUnderTest;
  /** The same chain in the fuzzer's own tree, genesis first. */
  readonly blocks: readonly BlockEntry[];
  readonly tree: BlockTree;
}

export async function startFuzzedNode(scratch: Scratch): Promise<FuzzedNode> {
  const change = {
    seal: "hash",
    initialCompactTarget: compactFromDifficulty(DIFFICULTY_BITS),
    allocations: [{ account: alice.publicKey, amount: "1000000" }],
  };
  const chain = scratch.json("chain.json", chainJson(change));
  const flags = [
    "--name",
    "fuzzed",
    "--dir",
    scratch.dir("fuzzed"),
    "--chain",
    chain,
    "--key-seed",
    "fuzzed",
  ];
  const node = await NodeUnderTest.start([...flags, "--mine", "demand", "--hash-rate", "1GH/s"]);
  for (let sequence = 0; sequence < BLOCKS; sequence += 1) {
    await node.send("POST", "/transactions", JSON.parse(aPostJson(node.genesis, sequence)));
    const mined = await node.send("POST", "/mine", {});
    if (mined.status !== 201) throw new Error(`no block: ${JSON.stringify(mined.body)}`);
  }
  await node.control("PUT", "/control/mining", { mode: "off" });
  const decoded = decodeChainParameters(JSON.stringify(chainJson(change)));
  if (!decoded.ok) throw new Error(decoded.fault);
  const tree = aTree(decoded.value);
  const { blocks } = await node.get<{ blocks: BlockJson[] }>("/chain");
  return { node, tree, blocks: blocks.map((block) => entered(tree, block)) };
}

/** A signed post, as it is submitted. */
export function aPostJson(genesis: string, sequence: number): string {
  const unsigned = {
    body: { kind: "post" as const, text: `fuzz ${sequence}` },
    sender: alice.publicKey,
    sequence,
    fee: 1n,
  };
  const signature = alice.sign(signingBytes(unsigned, genesis));
  return JSON.stringify({ ...unsigned, fee: "1", signature });
}

export const CONTROL_HEADER = `Bearer ${CONTROL_TOKEN}`;

interface BlockJson extends Omit<Header, "nonce"> {
  readonly nonce: string;
  readonly transactions: readonly Record<string, unknown>[];
}

function entered(tree: BlockTree, json: BlockJson): BlockEntry {
  if (json.height === 0) return tree.genesis;
  const facts = json.transactions.map((each) => makeTransactionFacts(revived(each), tree.transactionContext));
  const { version, height, parentHash, merkleRoot, timeMs, compactTarget, miner, nonce } = json;
  const header = {
    version,
    height,
    parentHash,
    merkleRoot,
    timeMs,
    compactTarget,
    miner,
    nonce: BigInt(nonce),
  };
  const outcome = tree.enterMined(header, facts);
  if (!outcome.ok) throw new Error(`the node told of a bad block: ${outcome.violation.code}`);
  return outcome.block;
}

function revived({ id, sizeBytes, ...json }: Record<string, unknown>): Transaction {
  const body = json.body as { kind: string; amount?: string };
  if (body.kind !== "coinbase") return transactionSchema.parse(json);
  const { sender, sequence, signature } = json as unknown as Transaction;
  return {
    body: { kind: "coinbase", amount: BigInt(body.amount ?? 0) },
    sender,
    sequence,
    fee: 0n,
    signature,
  };
}

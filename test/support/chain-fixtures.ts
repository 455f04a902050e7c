import { NodeCrypto, signerFromSeed } from "../../node/adapters/node-crypto.ts";
import { hashHeader } from "../../node/core/chain/header-bytes.ts";
import { merkleRoot } from "../../node/core/chain/merkle.ts";
import { compactFromDifficulty } from "../../node/core/chain/target.ts";
import { NO_SIGNATURE, signingBytes } from "../../node/core/chain/transaction-bytes.ts";
import type { TransactionFacts } from "../../node/core/chain/transaction-facts.ts";
import type { Header, Hex, Transaction, TransactionBody } from "../../node/core/chain/types.ts";
import { NO_APPLICATIONS } from "../../node/core/rules/application.ts";
import { coinbaseAmount } from "../../node/core/rules/check-block.ts";
import { makeTransactionFacts, type TransactionContext } from "../../node/core/rules/check-transaction.ts";
import {
  type ChainPosition,
  expectedCompactTarget,
  medianTimePastMs,
} from "../../node/core/rules/difficulty.ts";
import { genesisHeader } from "../../node/core/rules/genesis.ts";
import type { ChainParameters } from "../../node/core/rules/parameters.ts";
import type { Signer } from "../../node/ports/crypto.ts";

const crypto = new NodeCrypto();

export const sha256 = (bytes: Uint8Array): Hex => crypto.sha256(bytes);

export const alice: Signer = signerFromSeed("alice");
export const bob: Signer = signerFromSeed("bob");
export const miner: Signer = signerFromSeed("miner");

/** A chain on which Alice has 1,000 coins, Bob 500, and a block makes 50; its blocks need no proof of work. */
export function aChain(overrides: Partial<ChainParameters> = {}): ChainParameters {
  return {
    name: "test",
    seal: "drawn",
    initialCompactTarget: compactFromDifficulty(8),
    difficultyRule: { kind: "fixed" },
    genesisTimeMs: 1_700_000_000_000,
    allocations: [
      { account: alice.publicKey, amount: 1_000n },
      { account: bob.publicKey, amount: 500n },
    ],
    blockReward: 50n,
    blockBytesMax: 10_000,
    futureLimitMs: 7_200_000,
    ...overrides,
  };
}

/** Genesis as the position that first blocks stand on. */
export function genesisOf(params: ChainParameters): ChainPosition {
  const header = genesisHeader(params, sha256);
  return { hash: hashHeader(header, sha256), header, parent: null };
}

export function contextOf(params: ChainParameters): TransactionContext {
  return {
    genesisHash: genesisOf(params).hash,
    sha256,
    applications: NO_APPLICATIONS,
    verify: (publicKey, message, signature) => crypto.verify(publicKey, message, signature),
  };
}

/** A signed transaction: by default Alice's first, a transfer of 10 to Bob for a fee of 1. */
export function aTransaction(
  context: TransactionContext,
  fields: { signer?: Signer; body?: TransactionBody; sequence?: number; fee?: bigint } = {},
): Transaction {
  const { signer = alice, sequence = 0, fee = 1n } = fields;
  const body = fields.body ?? { kind: "transfer", recipient: bob.publicKey, amount: 10n };
  const unsigned = { body, sender: signer.publicKey, sequence, fee };
  return { ...unsigned, signature: signer.sign(signingBytes(unsigned, context.genesisHash)) };
}

/** The facts of `aTransaction`. */
export function someFacts(
  context: TransactionContext,
  fields: Parameters<typeof aTransaction>[1] = {},
): TransactionFacts {
  return makeTransactionFacts(aTransaction(context, fields), context);
}

/** A valid coinbase of a block with these transactions, `overrides` apart. */
export function aCoinbase(
  params: ChainParameters,
  height: number,
  transactions: readonly TransactionFacts[] = [],
  overrides: Partial<Transaction> = {},
): TransactionFacts {
  const body = { kind: "coinbase", amount: coinbaseAmount(transactions, params) } as const;
  const tx = {
    body,
    sender: miner.publicKey,
    sequence: height,
    fee: 0n,
    signature: NO_SIGNATURE,
    ...overrides,
  };
  return makeTransactionFacts(tx, contextOf(params));
}

/** A valid child of `parent` that commits to these transactions, `overrides` apart. */
export function aHeader(
  parent: ChainPosition,
  params: ChainParameters,
  transactions: readonly TransactionFacts[] = [],
  overrides: Partial<Header> = {},
): Header {
  return {
    version: 1,
    height: parent.header.height + 1,
    parentHash: parent.hash,
    merkleRoot: merkleRoot(
      transactions.map((facts) => facts.id),
      sha256,
    ),
    timeMs: Math.max(medianTimePastMs(parent) + 1, parent.header.timeMs + 1_000),
    compactTarget: expectedCompactTarget(parent, params),
    miner: miner.publicKey,
    nonce: 0n,
    ...overrides,
  };
}

/** The position that a header takes on top of `parent`. */
export function positionOf(header: Header, parent: ChainPosition): ChainPosition {
  return { hash: hashHeader(header, sha256), header, parent };
}

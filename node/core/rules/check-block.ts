import { blockSizeBytes } from "../chain/block-bytes.ts";
import { merkleRoot } from "../chain/merkle.ts";
import type { Sha256 } from "../chain/sha256.ts";
import type { TransactionFacts } from "../chain/transaction-facts.ts";
import type { Coins, Header, Hex } from "../chain/types.ts";
import type { AccountReader, LedgerDelta } from "./account-state.ts";
import type { AppRules } from "./application.ts";
import { DeltaBuilder } from "./delta-builder.ts";
import type { ChainParameters } from "./parameters.ts";
import type { BlockViolation, TransactionViolation } from "./violation.ts";

/** What a block does to the ledger of its parent, or the first rule that its body breaks. */
export type BodyVerdict =
  | { readonly violation: null; readonly delta: LedgerDelta }
  | { readonly violation: BlockViolation | TransactionViolation; readonly delta: null };

/**
 * Judges a block's body against the ledger after its parent. That the header commits to these transactions was checked before
 * (`checkMerkleRoot`), so a violation here condemns the block for everyone. Neither the header's own rules nor the parent's
 * validity are looked at. The delta is for `applyDelta` on that same ledger.
 *
 * Transactions see what those before them did; the coinbase is paid last, so nobody spends a reward in the block that makes it.
 * Codes, in the order of the checks: block-too-large, duplicate-transaction, bad-coinbase, then of the transactions in order
 * bad-payload, unknown-application, bad-signature, bad-sequence, no-cover, app-refused.
 */
export function checkBlockBody(
  header: Header,
  transactions: readonly TransactionFacts[],
  ledgerBefore: AccountReader,
  params: ChainParameters,
  rules: AppRules,
): BodyVerdict {
  const violation =
    checkSize(transactions, params) ??
    checkDuplicates(transactions) ??
    checkCoinbase(header, transactions, params);
  if (violation !== null) return { violation, delta: null };

  const builder = new DeltaBuilder(ledgerBefore, header.height, rules);
  // By index, because a copy without the coinbase would be made for each block.
  for (let index = 1; index < transactions.length; index += 1) {
    const facts = transactions[index];
    if (facts === undefined) continue;
    const broken = facts.violation ?? builder.spend(facts);
    if (broken !== null) return { violation: broken, delta: null };
  }
  builder.credit(header.miner, coinbaseAmount(transactions, params));
  return { violation: null, delta: builder.finish() };
}

/** What the coinbase of a block with these transactions pays: the reward and every fee. A coinbase among them adds nothing. */
export function coinbaseAmount(transactions: readonly TransactionFacts[], params: ChainParameters): Coins {
  let amount = params.blockReward;
  for (const { tx } of transactions) if (tx.body.kind !== "coinbase") amount += tx.fee;
  return amount;
}

/**
 * Whether these transactions are the ones that a header commits to. If not, whoever sent them is at fault, and the block may
 * be valid with others: never a reason to call the block invalid.
 */
export function checkMerkleRoot(
  header: Header,
  transactions: readonly TransactionFacts[],
  sha256: Sha256,
): BlockViolation | null {
  const expectedMerkleRoot = merkleRoot(
    transactions.map((facts) => facts.id),
    sha256,
  );
  if (header.merkleRoot === expectedMerkleRoot) return null;
  return { code: "bad-merkle-root", merkleRoot: header.merkleRoot, expectedMerkleRoot };
}

function checkSize(
  transactions: readonly TransactionFacts[],
  params: ChainParameters,
): BlockViolation | null {
  const sizeBytes = blockSizeBytes(transactions);
  if (sizeBytes <= params.blockBytesMax) return null;
  return { code: "block-too-large", sizeBytes, limitBytes: params.blockBytesMax };
}

/** Sequence numbers would refuse a second copy too, under a name that says less. */
function checkDuplicates(transactions: readonly TransactionFacts[]): BlockViolation | null {
  if (transactions.length < 2) return null;
  const ids = new Set<Hex>();
  for (const { id } of transactions) {
    if (ids.has(id)) return { code: "duplicate-transaction", id };
    ids.add(id);
  }
  return null;
}

function checkCoinbase(
  header: Header,
  transactions: readonly TransactionFacts[],
  params: ChainParameters,
): BlockViolation | TransactionViolation | null {
  const first = transactions[0];
  const last = transactions.findLastIndex((facts) => facts.tx.body.kind === "coinbase");
  if (first === undefined || last < 0) return { code: "bad-coinbase", reason: "missing" };
  if (last > 0 || first.tx.body.kind !== "coinbase") return { code: "bad-coinbase", reason: "not-first" };

  const { body, sender, sequence, fee } = first.tx;
  if (sender !== header.miner) return { code: "bad-coinbase", reason: "wrong-account" };
  if (sequence !== header.height) return { code: "bad-coinbase", reason: "wrong-height" };
  if (fee !== 0n) return { code: "bad-coinbase", reason: "has-fee" };
  if (body.amount !== coinbaseAmount(transactions, params))
    return { code: "bad-coinbase", reason: "wrong-amount" };
  return first.violation;
}

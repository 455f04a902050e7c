import { expect, test } from "vitest";
import {
  aChain,
  aCoinbase,
  aHeader,
  alice,
  aTransaction,
  bob,
  contextOf,
  genesisOf,
  miner,
  sha256,
  someFacts,
} from "../../../test/support/chain-fixtures.ts";
import type { TransactionFacts } from "../chain/transaction-facts.ts";
import type { Header } from "../chain/types.ts";
import { applyDelta, genesisLedger } from "../state/ledger.ts";
import { checkBlockBody, checkMerkleRoot } from "./check-block.ts";
import { makeTransactionFacts } from "./check-transaction.ts";

const params = aChain();
const context = contextOf(params);
const genesis = genesisOf(params);
const ledger = genesisLedger(params);

const judge = (transactions: readonly TransactionFacts[], overrides: Partial<Header> = {}, chain = params) =>
  checkBlockBody(aHeader(genesis, params, transactions, overrides), transactions, ledger, chain, context);

/** The violation of a block with a valid coinbase and these. */
const violationOf = (...transactions: TransactionFacts[]) =>
  judge([aCoinbase(params, 1, transactions), ...transactions]).violation;

const transfer = (amount: bigint, fields: Parameters<typeof someFacts>[1] = {}) =>
  someFacts(context, { body: { kind: "transfer", recipient: bob.publicKey, amount }, ...fields });

test("a block with a coinbase alone pays the miner the reward", () => {
  const { delta } = judge([aCoinbase(params, 1)]);
  expect(delta).toEqual([
    {
      account: miner.publicKey,
      before: { balance: 0n, nextSequence: 0 },
      after: { balance: 50n, nextSequence: 0 },
    },
  ]);
});

test("transfers move coins, fees go to the miner, and sequences go up", () => {
  const transactions = [
    transfer(100n, { fee: 3n }),
    transfer(200n, { sequence: 1, fee: 4n }),
    someFacts(context, { signer: bob, body: { kind: "post", text: "thanks" }, fee: 5n }),
  ];
  const { delta } = judge([aCoinbase(params, 1, transactions), ...transactions]);
  const after = applyDelta(ledger, delta ?? []);
  expect(after.accountOf(alice.publicKey)).toEqual({ balance: 1_000n - 307n, nextSequence: 2 });
  expect(after.accountOf(bob.publicKey)).toEqual({ balance: 500n + 300n - 5n, nextSequence: 1 });
  expect(after.accountOf(miner.publicKey)).toEqual({ balance: 62n, nextSequence: 0 });
});

test("coins can be spent in the block that brings them, by transactions that come later", () => {
  const gift = transfer(900n);
  const spent = someFacts(context, {
    signer: bob,
    body: { kind: "transfer", recipient: alice.publicKey, amount: 1_300n },
  });
  expect(violationOf(gift, spent)).toBeNull();
  expect(violationOf(spent, gift)?.code).toBe("no-cover");
});

test("a transfer to oneself costs its fee", () => {
  const tx = someFacts(context, { body: { kind: "transfer", recipient: alice.publicKey, amount: 999n } });
  const { delta } = judge([aCoinbase(params, 1, [tx]), tx]);
  expect(applyDelta(ledger, delta ?? []).accountOf(alice.publicKey)).toEqual({
    balance: 999n,
    nextSequence: 1,
  });
});

test("a miner's own transaction and its reward meet in one account, and the reward comes too late for it", () => {
  const rich = aChain({ allocations: [{ account: miner.publicKey, amount: 10n }] });
  const spend = (amount: bigint) =>
    someFacts(context, {
      signer: miner,
      body: { kind: "transfer", recipient: bob.publicKey, amount },
      fee: 0n,
    });
  const verdict = (tx: TransactionFacts) => {
    const transactions = [aCoinbase(params, 1, [tx]), tx];
    return checkBlockBody(
      aHeader(genesis, params, transactions),
      transactions,
      genesisLedger(rich),
      rich,
      context,
    );
  };
  expect(verdict(spend(10n)).delta?.[0]?.after).toEqual({ balance: 50n, nextSequence: 1 });
  expect(verdict(spend(11n)).violation).toMatchObject({ code: "no-cover", balance: 10n, cost: 11n });
});

test("bad-merkle-root: a header that commits to other transactions", () => {
  const transactions = [aCoinbase(params, 1)];
  const header = aHeader(genesis, params, []);
  expect(checkMerkleRoot(header, transactions, sha256)).toMatchObject({ code: "bad-merkle-root" });
  expect(checkMerkleRoot(aHeader(genesis, params, transactions), transactions, sha256)).toBeNull();
});

test("block-too-large: a byte more than the bound", () => {
  const transactions = [aCoinbase(params, 1)];
  const sizeBytes = 119 + 4 + 4 + 117;
  expect(judge(transactions, {}, aChain({ blockBytesMax: sizeBytes })).violation).toBeNull();
  expect(judge(transactions, {}, aChain({ blockBytesMax: sizeBytes - 1 })).violation).toEqual({
    code: "block-too-large",
    sizeBytes,
    limitBytes: sizeBytes - 1,
  });
});

test.each([
  ["missing", []],
  ["missing", [transfer(1n)]],
  ["not-first", [transfer(1n), aCoinbase(params, 1)]],
  ["not-first", [aCoinbase(params, 1), aCoinbase(params, 2)]],
  ["wrong-account", [aCoinbase(params, 1, [], { sender: alice.publicKey })]],
  ["wrong-height", [aCoinbase(params, 2)]],
  ["wrong-amount", [aCoinbase(params, 1, [], { body: { kind: "coinbase", amount: 51n } })]],
  ["wrong-amount", [aCoinbase(params, 1, [], { body: { kind: "coinbase", amount: 49n } })]],
  ["wrong-amount", [aCoinbase(params, 1), transfer(1n)]],
  ["has-fee", [aCoinbase(params, 1, [], { fee: 1n })]],
] as const)("bad-coinbase: %s", (reason, transactions) => {
  expect(judge(transactions).violation).toEqual({ code: "bad-coinbase", reason });
});

test("bad-signature: of the coinbase or of a transaction", () => {
  expect(judge([aCoinbase(params, 1, [], { signature: "01".repeat(64) })]).violation?.code).toBe(
    "bad-signature",
  );
  const forged = makeTransactionFacts({ ...aTransaction(context), fee: 7n }, context);
  expect(violationOf(forged)).toEqual({ code: "bad-signature", id: forged.id });
});

test("bad-payload: of a transaction", () => {
  const long = someFacts(context, { body: { kind: "post", text: "x".repeat(5_000) } });
  expect(violationOf(long)?.code).toBe("bad-payload");
});

test("duplicate-transaction", () => {
  const tx = transfer(1n);
  expect(violationOf(tx, tx)).toEqual({ code: "duplicate-transaction", id: tx.id });
});

test("bad-sequence: too early, too late, or used before in the same block", () => {
  const late = transfer(1n, { sequence: 1 });
  expect(violationOf(late)).toEqual({ code: "bad-sequence", id: late.id, sequence: 1, expectedSequence: 0 });
  expect(violationOf(transfer(1n), transfer(2n))).toMatchObject({
    code: "bad-sequence",
    expectedSequence: 1,
  });
  expect(violationOf(transfer(1n), late)).toBeNull();
});

test("no-cover: the fee counts too, and what was spent before", () => {
  expect(violationOf(transfer(999n))).toBeNull();
  expect(violationOf(transfer(1_000n))).toMatchObject({ code: "no-cover", balance: 1_000n, cost: 1_001n });
  expect(violationOf(transfer(500n), transfer(500n, { sequence: 1 }))).toMatchObject({
    code: "no-cover",
    balance: 499n,
    cost: 501n,
  });
});

import { expect, test } from "vitest";
import {
  aChain,
  aCoinbase,
  alice,
  aTransaction,
  bob,
  contextOf,
} from "../../../test/support/chain-fixtures.ts";
import { encodeTransaction } from "../chain/transaction-bytes.ts";
import type { Transaction } from "../chain/types.ts";
import { makeTransactionFacts, POST_TEXT_BYTES_MAX } from "./check-transaction.ts";

const context = contextOf(aChain());
const check = (tx: Transaction) => makeTransactionFacts(tx, context).violation;

test("a signed transfer and a signed post have nothing wrong", () => {
  expect(check(aTransaction(context))).toBeNull();
  expect(check(aTransaction(context, { body: { kind: "post", text: "" }, fee: 0n }))).toBeNull();
});

test("facts state the id, the size and the cost", () => {
  const tx = aTransaction(context);
  const bytes = encodeTransaction(tx);
  expect(makeTransactionFacts(tx, context)).toMatchObject({
    id: context.sha256(bytes),
    sizeBytes: 149,
    cost: 11n,
  });
  const post = aTransaction(context, { body: { kind: "post", text: "é" } });
  expect(makeTransactionFacts(post, context)).toMatchObject({ sizeBytes: 113, cost: 1n });
});

test.each<[string, (tx: Transaction) => Transaction]>([
  ["another amount", (tx) => ({ ...tx, body: { kind: "transfer", recipient: bob.publicKey, amount: 999n } })],
  [
    "another recipient",
    (tx) => ({ ...tx, body: { kind: "transfer", recipient: alice.publicKey, amount: 10n } }),
  ],
  ["another kind", (tx) => ({ ...tx, body: { kind: "post", text: "hello" } })],
  ["another sender", (tx) => ({ ...tx, sender: bob.publicKey })],
  ["another sequence", (tx) => ({ ...tx, sequence: 1 })],
  ["another fee", (tx) => ({ ...tx, fee: 0n })],
  ["another signature", (tx) => ({ ...tx, signature: "00".repeat(64) })],
])("bad-signature: signed, then given %s", (_, forge) => {
  const tx = forge(aTransaction(context));
  expect(check(tx)?.code).toBe("bad-signature");
});

test("bad-signature: signed for another chain", () => {
  const other = contextOf(aChain({ name: "another" }));
  const tx = aTransaction(other);
  expect(makeTransactionFacts(tx, other).violation).toBeNull();
  expect(check(tx)?.code).toBe("bad-signature");
});

test("bad-signature: a coinbase with one, which would give it a second id", () => {
  const params = aChain();
  expect(aCoinbase(params, 1).violation).toBeNull();
  expect(aCoinbase(params, 1, [], { signature: "01".repeat(64) }).violation?.code).toBe("bad-signature");
});

test("bad-payload: a post longer than the bound, in bytes and not in characters", () => {
  const post = (text: string) => check(aTransaction(context, { body: { kind: "post", text } }));
  expect(post("x".repeat(POST_TEXT_BYTES_MAX))).toBeNull();
  expect(post("x".repeat(POST_TEXT_BYTES_MAX + 1))?.code).toBe("bad-payload");
  expect(post("é".repeat(POST_TEXT_BYTES_MAX / 2 + 1))?.code).toBe("bad-payload");
});

test("bad-payload: amount and fee that wrap around together", () => {
  const body = { kind: "transfer", recipient: bob.publicKey, amount: 2n ** 64n - 1n } as const;
  expect(check(aTransaction(context, { body, fee: 0n }))).toBeNull();
  expect(check(aTransaction(context, { body, fee: 1n }))?.code).toBe("bad-payload");
});

test("a signature is verified once, and not before anybody asks", () => {
  let calls = 0;
  const counted = {
    ...context,
    verify: (...args: Parameters<typeof context.verify>) => {
      calls += 1;
      return context.verify(...args);
    },
  };
  const facts = makeTransactionFacts(aTransaction(context), counted);
  expect(calls).toBe(0);
  expect([facts.violation, facts.violation]).toEqual([null, null]);
  expect(calls).toBe(1);
});

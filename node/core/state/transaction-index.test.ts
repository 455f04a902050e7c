import { expect, test } from "vitest";
import { aChain, alice, contextOf, someFacts } from "../../../test/support/chain-fixtures.ts";
import { INDEXED_BYTES_MAX, INDEXED_TRANSACTIONS_MAX, TransactionIndex } from "./transaction-index.ts";

const context = contextOf(aChain());

function aPost(sequence: number) {
  return someFacts(context, { signer: alice, sequence, fee: 1n, body: { kind: "post", text: "abc" } }).tx;
}

test("a transaction that comes again has the same facts, and its signature is verified once", () => {
  let verified = 0;
  const index = new TransactionIndex({
    ...context,
    verify: (key, message, signature) => {
      verified++;
      return context.verify(key, message, signature);
    },
  });
  const first = index.factsOf(aPost(0));
  const again = index.factsOf(structuredClone(aPost(0)));
  expect(again).toBe(first);
  expect([first.violation, again.violation, verified]).toEqual([null, null, 1]);
});

test("one that comes in a block has the facts that are kept, and is not kept itself", () => {
  const index = new TransactionIndex(context);
  const announced = index.factsOf(aPost(0));
  expect(index.factsInBlock(structuredClone(aPost(0)), undefined)).toBe(announced);
  const unheard = index.factsInBlock(aPost(1), undefined);
  expect(index.factsOf(aPost(1))).not.toBe(unheard);
});

test("a copy with another signature is another transaction", () => {
  const index = new TransactionIndex(context);
  const tx = aPost(0);
  const forged = index.factsOf({ ...tx, signature: "00".repeat(64) });
  expect(index.factsOf(tx)).not.toBe(forged);
  expect([index.factsOf(tx).violation, forged.violation?.code]).toEqual([null, "bad-signature"]);
});

test("the oldest is forgotten when there are too many", () => {
  const index = new TransactionIndex({ ...context, verify: () => true });
  const oldest = aPost(0);
  const facts = index.factsOf(oldest);
  for (let sequence = 1; sequence < INDEXED_TRANSACTIONS_MAX; sequence++)
    index.factsOf({ ...oldest, sequence });
  expect(index.factsOf(oldest)).toBe(facts);
  index.factsOf({ ...oldest, sequence: INDEXED_TRANSACTIONS_MAX });
  expect(index.factsOf(oldest)).not.toBe(facts);
});

test("large ones are fewer", () => {
  const index = new TransactionIndex({ ...context, verify: () => true });
  const large = someFacts(context, { body: { kind: "post", text: "x".repeat(4_096) } });
  const countMax = Math.floor(INDEXED_BYTES_MAX / large.sizeBytes);
  const facts = index.factsOf(large.tx);
  for (let sequence = 1; sequence < countMax; sequence++) index.factsOf({ ...large.tx, sequence });
  expect(index.factsOf(large.tx)).toBe(facts);
  index.factsOf({ ...large.tx, sequence: countMax });
  expect(index.factsOf(large.tx)).not.toBe(facts);
});

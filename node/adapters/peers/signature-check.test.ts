import { expect, test } from "vitest";
import { aChain, contextOf, someFacts } from "../../../test/support/chain-fixtures.ts";
import { makeTransactionFacts } from "../../core/rules/check-transaction.ts";
import { makeTransactions } from "../../core/state/messages.ts";
import { NodeCrypto } from "../node-crypto.ts";
import { SignatureCheck } from "./signature-check.ts";

const crypto = new NodeCrypto();
const check = new SignatureCheck((key, message, signature, done) =>
  crypto.verifyLater(key, message, signature, done),
);
const needsAll = { needsBody: () => true, needsTransaction: () => true };

/** Facts whose signatures nobody verifies on this thread. */
function untouched(forged = false) {
  const context = {
    ...contextOf(aChain()),
    verify: () => expect.unreachable("verified on the thread that serves"),
  };
  const { tx } = someFacts(contextOf(aChain()));
  return makeTransactionFacts(forged ? { ...tx, fee: tx.fee + 1n } : tx, context);
}

test("what a message brings is judged before the protocol asks, the forged as well as the good", async () => {
  const [good, forged] = [untouched(), untouched(true)];
  await check.begin(makeTransactions([good, forged]), needsAll, 0);
  expect([good.violation, forged.violation?.code]).toEqual([null, "bad-signature"]);
});

test("nothing is verified twice, nor what nobody needs", async () => {
  const facts = untouched();
  const message = makeTransactions([facts]);
  expect(check.begin(message, { ...needsAll, needsTransaction: () => false }, 0)).toBeNull();
  await check.begin(message, needsAll, 0);
  expect(check.begin(message, needsAll, 0)).toBeNull();
});

test("a key that is none is a signature that fails", async () => {
  const { tx } = someFacts(contextOf(aChain()));
  const facts = makeTransactionFacts({ ...tx, sender: "ff".repeat(32) }, contextOf(aChain()));
  await check.begin(makeTransactions([facts]), needsAll, 0);
  expect(facts.violation?.code).toBe("bad-signature");
});

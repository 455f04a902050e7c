import { expect, test } from "vitest";
import { aChain, contextOf, someFacts } from "../../test/support/chain-fixtures.ts";
import { makeTransactionFacts } from "../core/rules/check-transaction.ts";
import { settleSignatures } from "./settle-signatures.ts";

/** Facts whose signatures nobody verifies where they are asked for. */
function untouched(sequence: number) {
  const verify = () => expect.unreachable("verified by whoever asked");
  const { tx } = someFacts(contextOf(aChain()));
  return makeTransactionFacts({ ...tx, sequence }, { ...contextOf(aChain()), verify });
}

test("calls once, when the last verdict is known, whatever their order", () => {
  const [first, second] = [untouched(0), untouched(1)];
  const answers: ((isValid: boolean) => void)[] = [];
  let calls = 0;
  const isWaiting = settleSignatures(
    [first, second],
    (_key, _message, _signature, done) => answers.push(done),
    () => {
      calls += 1;
    },
  );
  expect(isWaiting).toBe(true);
  answers[1]?.(false);
  expect(calls).toBe(0);
  answers[0]?.(true);
  expect(calls).toBe(1);
  expect([first.violation, second.violation?.code]).toEqual([null, "bad-signature"]);
});

test("says that there is nothing to wait for, and does not call, when all is known", () => {
  const facts = untouched(0);
  settleSignatures(
    [facts],
    (_key, _message, _signature, done) => done(true),
    () => undefined,
  );
  const unasked = () => expect.unreachable("asked again");
  expect(settleSignatures([facts], unasked, unasked)).toBe(false);
  expect(settleSignatures([], unasked, unasked)).toBe(false);
});

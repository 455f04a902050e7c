import type { TransactionFacts } from "../core/chain/transaction-facts.ts";
import { settleSignature, unsettledSignature } from "../core/rules/check-transaction.ts";
import type { VerifyLater } from "../ports/crypto.ts";

/**
 * Has what these transactions have signed verified on other threads, where that was not done before; the verdicts are kept with their facts, so that
 * the protocol finds them there. Calls `done` once, when all are known; false if there is nothing to wait for: then it does not call.
 */
export function settleSignatures(
  transactions: readonly TransactionFacts[],
  verifyLater: VerifyLater,
  done: () => void,
): boolean {
  const unsettled: [TransactionFacts, NonNullable<ReturnType<typeof unsettledSignature>>][] = [];
  for (const facts of transactions) {
    const signature = unsettledSignature(facts);
    if (signature !== null) unsettled.push([facts, signature]);
  }
  let left = unsettled.length;
  for (const [facts, { publicKey, message, signature }] of unsettled)
    verifyLater(publicKey, message, signature, (isValid) => {
      settleSignature(facts, isValid);
      left -= 1;
      if (left === 0) done();
    });
  return unsettled.length > 0;
}

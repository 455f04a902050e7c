import type { TransactionFacts } from "../chain/transaction-facts.ts";

/** What a transaction must pay more than the one whose sequence it takes, percent; and it must pay more a byte. */
export const REPLACEMENT_PERCENT = 10n;

/** The least fee for which a transaction takes the place of one with its sequence: a tenth more, and more a byte. */
export function feeToReplace(newcomer: TransactionFacts, holder: TransactionFacts): bigint {
  const tenthMore = holder.tx.fee + (holder.tx.fee * REPLACEMENT_PERCENT + 99n) / 100n;
  const morePerByte = (holder.tx.fee * BigInt(newcomer.sizeBytes)) / BigInt(holder.sizeBytes) + 1n;
  return tenthMore > morePerByte ? tenthMore : morePerByte;
}

import type { Transaction } from "./types.ts";

/** What becomes of a value when JSON has it: amounts are decimal text, since JSON numbers lose what is above 2^53. */
export type Json<T> = T extends bigint
  ? string
  : T extends object
    ? { readonly [K in keyof T]: Json<T[K]> }
    : T;

/** A transaction as `POST /transactions` takes it. Whatever its kind: each field stays what it is, but for amounts. */
export function transactionToJson(tx: Transaction): Json<Transaction> {
  const { body, sender, sequence, fee, signature } = tx;
  const fields = Object.entries(body).map(([key, value]) => [
    key,
    typeof value === "bigint" ? value.toString() : value,
  ]);
  return {
    // Field by field what the type says of the body.
    body: Object.fromEntries(fields) as Json<Transaction>["body"],
    sender,
    sequence,
    fee: fee.toString(),
    signature,
  };
}

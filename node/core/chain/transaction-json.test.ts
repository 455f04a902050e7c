import fc from "fast-check";
import { expect, test } from "vitest";
import { alice, bob } from "../../../test/support/chain-fixtures.ts";
import { transactionSchema } from "../../schemas/transaction-schema.ts";
import { U64_MAX } from "./bytes.ts";
import { NO_SIGNATURE } from "./transaction-bytes.ts";
import { transactionToJson } from "./transaction-json.ts";
import type { TransactionBody } from "./types.ts";

const anAmount = fc.bigInt({ min: 0n, max: U64_MAX });
const aBody: fc.Arbitrary<TransactionBody> = fc.oneof(
  fc.record({
    kind: fc.constant("transfer" as const),
    recipient: fc.constant(bob.publicKey),
    amount: anAmount,
  }),
  fc.record({ kind: fc.constant("post" as const), text: fc.string({ maxLength: 100 }) }),
);

test("what JSON has of a transaction is read back as the same, amounts above 2^53 too", () => {
  fc.assert(
    fc.property(aBody, anAmount, fc.nat(0xffff_ffff), (body, fee, sequence) => {
      const tx = { body, sender: alice.publicKey, sequence, fee, signature: NO_SIGNATURE };
      expect(transactionSchema.parse(JSON.parse(JSON.stringify(transactionToJson(tx))))).toEqual(tx);
    }),
  );
});

test("amounts are decimal text, and a post has none", () => {
  const rest = { sender: alice.publicKey, sequence: 1, fee: U64_MAX, signature: NO_SIGNATURE };
  expect(transactionToJson({ ...rest, body: { kind: "coinbase", amount: 50n } })).toEqual({
    ...rest,
    fee: "18446744073709551615",
    body: { kind: "coinbase", amount: "50" },
  });
  expect(transactionToJson({ ...rest, fee: 0n, body: { kind: "post", text: "x" } }).body).toEqual({
    kind: "post",
    text: "x",
  });
});

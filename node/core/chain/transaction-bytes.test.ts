import fc from "fast-check";
import { expect, test } from "vitest";
import { alice, bob } from "../../../test/support/chain-fixtures.ts";
import { U64_MAX } from "./bytes.ts";
import { bytesToHex } from "./hex.ts";
import {
  COINBASE_BYTES,
  decodeTransaction,
  encodeTransaction,
  encodingFault,
  NO_SIGNATURE,
  signingBytes,
  TRANSACTION_BYTES_MIN,
} from "./transaction-bytes.ts";
import type { Transaction, TransactionBody } from "./types.ts";

const aKey = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(bytesToHex);
const anAmount = fc.bigInt({ min: 0n, max: U64_MAX });
const aBody: fc.Arbitrary<TransactionBody> = fc.oneof(
  fc.record({ kind: fc.constant("coinbase" as const), amount: anAmount }),
  fc.record({ kind: fc.constant("transfer" as const), recipient: aKey, amount: anAmount }),
  fc.record({ kind: fc.constant("post" as const), text: fc.string({ unit: "binary" }) }),
  fc.record({
    kind: fc.constant("app" as const),
    app: fc.stringMatching(/^[a-z0-9-]{1,16}$/),
    payload: fc.string({ unit: "binary" }),
  }),
);
const anyTransaction: fc.Arbitrary<Transaction> = fc.record({
  body: aBody,
  sender: aKey,
  sequence: fc.nat(0xffff_ffff),
  fee: anAmount,
  signature: fc.uint8Array({ minLength: 64, maxLength: 64 }).map(bytesToHex),
});

const TRANSFER: Transaction = {
  body: { kind: "transfer", recipient: bob.publicKey, amount: 10n },
  sender: alice.publicKey,
  sequence: 3,
  fee: 2n,
  signature: NO_SIGNATURE,
};

test("any transaction comes back from its bytes", () => {
  fc.assert(
    fc.property(anyTransaction, (tx) => {
      expect(encodingFault(tx)).toBeNull();
      const bytes = encodeTransaction(tx);
      expect(bytes.length).toBeGreaterThanOrEqual(TRANSACTION_BYTES_MIN);
      expect(decodeTransaction(bytes)).toEqual({ value: tx, fault: null });
    }),
  );
});

test("bytes with one changed are another transaction or none, never the same one", () => {
  fc.assert(
    fc.property(anyTransaction, fc.nat(), fc.integer({ min: 1, max: 255 }), (tx, position, flip) => {
      const bytes = encodeTransaction(tx);
      const index = position % bytes.length;
      bytes[index] = (bytes[index] ?? 0) ^ flip;
      const { value } = decodeTransaction(bytes);
      if (value !== null) expect(encodeTransaction(value)).toEqual(bytes);
    }),
  );
});

test("a transfer is laid out as the documentation says", () => {
  expect(bytesToHex(encodeTransaction(TRANSFER))).toBe(
    `01${alice.publicKey}000000030000000000000002${bob.publicKey}000000000000000a${NO_SIGNATURE}`,
  );
});

test("a coinbase has its fixed number of bytes", () => {
  expect(encodeTransaction({ ...TRANSFER, body: { kind: "coinbase", amount: 1n } }).length).toBe(
    COINBASE_BYTES,
  );
});

test("a text that is no UTF-8, an unknown kind and a short transaction are faults", () => {
  const post = encodeTransaction({ ...TRANSFER, body: { kind: "post", text: "ab" } });
  const textOffset = post.length - 64 - 2;
  expect(decodeTransaction(post.with(textOffset, 0xff)).fault).toMatch(/not UTF-8/);
  expect(decodeTransaction(post.with(0, 9)).fault).toMatch(/unknown kind 9/);
  expect(decodeTransaction(post.subarray(0, 60)).fault).toMatch(/expected/);
});

test("a byte order mark in a text is kept", () => {
  const tx: Transaction = { ...TRANSFER, body: { kind: "post", text: "\ufeffa" } };
  expect(decodeTransaction(encodeTransaction(tx)).value).toEqual(tx);
});

test("what is signed commits to the chain and to every field but the signature", () => {
  const genesisHash = "11".repeat(32);
  const signed = bytesToHex(signingBytes(TRANSFER, genesisHash));
  expect(signed).toContain(genesisHash);
  expect(bytesToHex(signingBytes(TRANSFER, "22".repeat(32)))).not.toBe(signed);
  const signedAgain: Transaction = { ...TRANSFER, signature: "33".repeat(64) };
  expect(bytesToHex(signingBytes(signedAgain, genesisHash))).toBe(signed);
  const others: Transaction[] = [
    { ...TRANSFER, sequence: 4 },
    { ...TRANSFER, fee: 3n },
    { ...TRANSFER, sender: bob.publicKey },
    { ...TRANSFER, body: { kind: "transfer", recipient: bob.publicKey, amount: 11n } },
  ];
  for (const other of others) expect(bytesToHex(signingBytes(other, genesisHash))).not.toBe(signed);
});

test.each<[string, Partial<Transaction>]>([
  ["a sender in upper case", { sender: alice.publicKey.toUpperCase() }],
  ["a short signature", { signature: "00" }],
  ["a sequence past 32 bits", { sequence: 2 ** 32 }],
  ["a negative fee", { fee: -1n }],
  ["an amount past 64 bits", { body: { kind: "coinbase", amount: 2n ** 64n } }],
  ["a recipient that is no key", { body: { kind: "transfer", recipient: "bob", amount: 1n } }],
  ["an application without a name", { body: { kind: "app", app: "", payload: "{}" } }],
  ["an application with another name", { body: { kind: "app", app: "Board", payload: "{}" } }],
  ["half a surrogate pair", { body: { kind: "post", text: "\ud800" } }],
  ["a text past its length field", { body: { kind: "post", text: "x".repeat(65_536) } }],
])("%s has no bytes", (_, fields) => {
  expect(encodingFault({ ...TRANSFER, ...fields })).not.toBeNull();
});

import { expect, test } from "vitest";
import {
  aChain,
  aCoinbase,
  aHeader,
  contextOf,
  genesisOf,
  someFacts,
} from "../../../test/support/chain-fixtures.ts";
import {
  blockSizeBytes,
  decodeBlock,
  encodeBlock,
  roomForTransactionsBytes,
  TRANSACTION_FRAME_BYTES,
} from "./block-bytes.ts";
import { HEADER_BYTES } from "./header-bytes.ts";

const params = aChain();
const context = contextOf(params);
const transfers = [
  someFacts(context),
  someFacts(context, { sequence: 1, body: { kind: "post", text: "héllo" } }),
];
const facts = [aCoinbase(params, 1, transfers), ...transfers];
const block = { header: aHeader(genesisOf(params), params, facts), transactions: facts.map(({ tx }) => tx) };

test("a block comes back from its bytes, whose number is known without encoding it", () => {
  const bytes = encodeBlock(block);
  expect(bytes.length).toBe(blockSizeBytes(facts));
  expect(decodeBlock(bytes)).toMatchObject({ value: block, fault: null });
});

test("a block without transactions is its header and a count of zero", () => {
  const empty = { header: block.header, transactions: [] };
  expect(encodeBlock(empty).length).toBe(HEADER_BYTES + 4);
  expect(decodeBlock(encodeBlock(empty)).value).toMatchObject(empty);
});

test("no part of a block is a block, nor is a block with more behind it", () => {
  const bytes = encodeBlock(block);
  for (let length = 0; length < bytes.length; length += 1)
    expect(decodeBlock(bytes.subarray(0, length)).value).toBeNull();
  expect(decodeBlock(new Uint8Array([...bytes, 0])).value).toBeNull();
});

test("a claimed count of four billion is refused at once", () => {
  const bytes = encodeBlock(block);
  bytes.fill(0xff, HEADER_BYTES, HEADER_BYTES + 4);
  expect(decodeBlock(bytes).fault).toMatch(/4294967295 items cannot fit/);
});

test("the fault in a transaction says which one it is", () => {
  const bytes = encodeBlock(block);
  bytes[HEADER_BYTES + 4 + TRANSACTION_FRAME_BYTES] = 77;
  expect(decodeBlock(bytes).fault).toMatch(/transaction 0: unknown kind 77/);
});

test("transactions that fill the room make a block of exactly the bound", () => {
  const framed = transfers.reduce((sum, { sizeBytes }) => sum + sizeBytes + TRANSACTION_FRAME_BYTES, 0);
  expect(roomForTransactionsBytes(blockSizeBytes(facts))).toBe(framed);
  expect(roomForTransactionsBytes(10)).toBe(0);
});

import { expect, test } from "vitest";
import { alice, bob, someFacts } from "../../../test/support/chain-fixtures.ts";
import { aTree, BlockAuthor } from "../../../test/support/mined-blocks.ts";
import type { TransactionFacts } from "../chain/transaction-facts.ts";
import { PREFILLED_BYTES_MAX } from "../state/compact-block.ts";
import { compactMessage, makeCompact, prefill } from "../state/messages.ts";
import { decodeMessage, encodeMessage } from "./wire.ts";

const author = new BlockAuthor();
const transactions = [alice, bob].flatMap((signer) =>
  [0, 1].map((sequence) => someFacts(author.tree.transactionContext, { signer, sequence })),
);
const block = author.child(author.genesis, { transactions });
const body = block.transactions as readonly TransactionFacts[];
const compact = makeCompact(block, body);

/** The message with these positions in place of those that its last transactions have. */
function placedAt(...positions: readonly number[]): Uint8Array {
  const placed = positions.map((position, index) => ({ position, facts: body[index] as TransactionFacts }));
  return encodeMessage(compactMessage(block, compact.shortIds.slice(positions.length - 1), placed));
}

const faultOf = (bytes: Uint8Array) => {
  const decoded = decodeMessage(bytes, aTree());
  return decoded.type === "fault" ? decoded.fault : decoded.type;
};

test("any transactions may come whole, in the order of their places", () => {
  for (const positions of [[0], [0, 1, 2], [0, 4], [0, 1, 2, 3, 4]])
    expect(faultOf(placedAt(...positions))).toBe("message");
});

test.each([
  ["twice the same place", [0, 2, 2], "do not ascend"],
  ["places that descend", [0, 3, 1], "do not ascend"],
  ["no coinbase", [1, 2], "do not ascend"],
  ["a place outside the block", [0, 5], "position 5 of 5"],
  ["a place far outside", [0, 65_535], "position 65535 of 5"],
  ["nothing whole at all", [], "no coinbase"],
])("%s is no message", (_what, positions, fault) => {
  expect(faultOf(placedAt(...positions))).toContain(fault);
});

test("more bytes than a block may bring whole are no message, and nobody sends them", () => {
  const text = "x".repeat(4_000);
  const large = [0, 1, 2].map((sequence) =>
    someFacts(author.tree.transactionContext, { signer: alice, sequence, body: { kind: "post", text } }),
  );
  const whole = [body[0] as TransactionFacts, ...large];
  expect(large.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)).toBeGreaterThan(PREFILLED_BYTES_MAX);
  const message = makeCompact(block, whole);
  expect(faultOf(encodeMessage(prefill(message, whole, [1, 2])))).toBe("message");
  expect(faultOf(encodeMessage(prefill(message, whole, [1, 2, 3])))).toContain("bytes beside the coinbase");
});

test("more transactions than a block can have are no message", () => {
  const bytes = encodeMessage(compact);
  // The count of those that come whole stands behind the short ids.
  const at = bytes.length - (4 + 2 + 4 + (body[0] as TransactionFacts).sizeBytes);
  new DataView(bytes.buffer).setUint32(at, 65_533);
  expect(faultOf(bytes)).toContain("at most");
  new DataView(bytes.buffer).setUint32(at, 60_000);
  expect(faultOf(bytes)).toContain("cannot fit");
});

import { expect, test } from "vitest";
import { BlockAuthor } from "../../../test/support/mined-blocks.ts";
import type { Message } from "./messages.ts";
import { makeBlockMessage, makeGetHeaders, makeHeaders, makeTransactions } from "./messages.ts";

test("a message's draw key tells kinds, blocks and attempts apart, and is the same for the same message", () => {
  const author = new BlockAuthor();
  const blocks = author.chain(author.genesis, 20);
  const kinds = ["announce", "request", "block", "not-found"] as const;
  const messages: Message[] = blocks.flatMap((block) =>
    kinds.flatMap((kind) => [0, 1, 2].map((attempt) => makeBlockMessage(kind, block, attempt))),
  );
  for (const block of blocks) messages.push(makeGetHeaders([block.hash]), makeHeaders([block]));
  for (const block of blocks) messages.push(makeTransactions(block.transactions ?? []));
  const keys = messages.map(({ drawKey }) => drawKey);
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys.every((key) => Number.isInteger(key) && key >= 0 && key < 2 ** 32)).toBe(true);
  const block = blocks[3] ?? author.genesis;
  expect(makeBlockMessage("request", block, 0)).toEqual(block.request);
});

test("empty answers are messages too", () => {
  expect(makeHeaders([])).toMatchObject({ sizeBytes: 9, blocks: [] });
  expect(makeTransactions([])).toMatchObject({ sizeBytes: 9 });
  expect(makeGetHeaders([])).toMatchObject({ sizeBytes: 9 });
});

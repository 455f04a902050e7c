import fc from "fast-check";
import { expect, test } from "vitest";
import { BlockAuthor } from "../../../test/support/mined-blocks.ts";
import type { BlockEntry } from "./block-entry.ts";
import { chainChange, isBetter, parentOf } from "./fork-choice.ts";

function ancestors(block: BlockEntry): BlockEntry[] {
  const chain: BlockEntry[] = [];
  for (let at: BlockEntry | null = block; at !== null; at = at.parent) chain.push(at);
  return chain;
}

test("a change takes away what only the old chain has and adds what only the new one has", () => {
  const author = new BlockAuthor();
  const main = author.chain(author.genesis, 8);
  const blocks = [
    author.genesis,
    ...main,
    ...author.chain(main[3] as BlockEntry, 6),
    ...author.chain(author.genesis, 3),
  ];
  const anyBlock = fc.constantFrom(...blocks);
  fc.assert(
    fc.property(anyBlock, anyBlock, (from, to) => {
      const { disconnected, connected } = chainChange(from, to);
      const [old, young] = [ancestors(from), ancestors(to)];
      expect(disconnected).toEqual(old.filter((block) => !young.includes(block)));
      expect(connected).toEqual(young.filter((block) => !old.includes(block)).reverse());
    }),
    { numRuns: 300 },
  );
});

test("more work is better, equal work is not", () => {
  const author = new BlockAuthor();
  const [first, second] = [author.child(author.genesis), author.child(author.genesis)];
  expect([isBetter(first, author.genesis), isBetter(second, first), isBetter(author.genesis, first)]).toEqual(
    [true, false, false],
  );
});

test("genesis has no parent to ask for", () => {
  expect(() => parentOf(new BlockAuthor().genesis)).toThrow("no parent");
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { aChain, contextOf } from "../../../test/support/chain-fixtures.ts";
import { BlockAuthor } from "../../../test/support/mined-blocks.ts";
import { NO_SIGNATURE } from "../../core/chain/transaction-bytes.ts";
import type { TransactionBody } from "../../core/chain/types.ts";
import { makeTransactionFacts } from "../../core/rules/check-transaction.ts";
import type { BlockEntry } from "../../core/state/block-entry.ts";
import type { PlacePage } from "../../ports/chain-queries.ts";
import { accountsOf, ChainIndex } from "./chain-index.ts";

const ACCOUNTS = ["a", "b", "c"].map((digit) => digit.repeat(64));

const context = contextOf(aChain());

/** A transaction that nobody signed: an index takes what is on the chain. */
function someFacts(sender: string, body: TransactionBody, sequence: number) {
  return makeTransactionFacts({ body, sender, sequence, fee: 0n, signature: NO_SIGNATURE }, context);
}

/** The best chain that ends here, genesis first. */
function chainTo(tip: BlockEntry): BlockEntry[] {
  const blocks: BlockEntry[] = [];
  for (let at: BlockEntry | null = tip; at !== null; at = at.parent) blocks.unshift(at);
  return blocks;
}

/** What an index of `countMax` should find, by looking at everything. */
function oracle(tip: BlockEntry, fromHeight: number) {
  return chainTo(tip)
    .filter(({ header }) => header.height >= fromHeight)
    .flatMap((block) => (block.transactions ?? []).map((facts, index) => ({ block, index, facts })));
}

function walk(pageAfter: (before: PlacePage["next"]) => PlacePage) {
  const places = [];
  for (let page = pageAfter(null); ; page = pageAfter(page.next)) {
    places.push(...page.places);
    expect(page.places.length > 0 || page.next === null).toBe(true);
    if (page.next === null) return places;
  }
}

async function caughtUp(index: ChainIndex): Promise<void> {
  while (index.isBehind) await new Promise((resolve) => setImmediate(resolve));
}

const block = fc.record({
  /** Which of the blocks so far it is on: mostly one of the newest, so that there are reorganisations. */
  parentBack: fc.nat({ max: 6 }),
  transactions: fc.array(fc.record({ from: fc.nat({ max: 2 }), to: fc.nat({ max: 3 }) }), { maxLength: 4 }),
});

test("whatever the chain goes through, it finds what a walk over all blocks finds", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(block, { maxLength: 40 }),
      fc.integer({ min: 3, max: 60 }),
      async (steps, countMax) => {
        const author = new BlockAuthor();
        const index = new ChainIndex(author.genesis, (entry) => entry.transactions, countMax);
        const all = [author.genesis];
        let serial = 0;
        for (const { parentBack, transactions } of steps) {
          const parent = all.at(-1 - Math.min(parentBack, all.length - 1)) as BlockEntry;
          const facts = transactions.map(({ from, to }) => {
            serial += 1;
            const sender = ACCOUNTS[from] as string;
            const recipient = ACCOUNTS[to];
            if (recipient === undefined) return someFacts(sender, { kind: "post", text: "" }, serial);
            return someFacts(sender, { kind: "transfer", recipient, amount: 1n }, serial);
          });
          const entered = author.child(parent, { transactions: facts });
          all.push(entered);
          index.tipChanged(0, entered);
          await caughtUp(index);

          const expected = oracle(entered, index.fromHeight);
          expect(expected.length).toBeLessThanOrEqual(
            Math.max(countMax, (entered.transactions ?? []).length),
          );
          for (const { block: held, index: at, facts: found } of expected)
            expect(index.placeOf(found.id)).toEqual({ block: held, index: at });
          const onChain = new Set(expected.map(({ facts: { id } }) => id));
          for (const { transactions: some } of all)
            for (const { id } of some ?? []) if (!onChain.has(id)) expect(index.placeOf(id)).toBeNull();
          const newest = expected
            .toReversed()
            .map(({ block: held, index: at }) => ({ block: held, index: at }));
          expect(walk((before) => index.latest(before, 3))).toEqual(newest);
          for (const account of [...ACCOUNTS, entered.header.miner]) {
            const own = expected.toReversed().filter(({ facts: of }) => accountsOf(of).includes(account));
            const places = walk((before) => index.historyOf(account, before, 2));
            expect(places).toEqual(own.map(({ block: held, index: at }) => ({ block: held, index: at })));
            expect(index.historyOf(account, null, 1).count).toBe(own.length);
          }
          for (const tip of all.slice(-3))
            expect(chainTo(tip).map(({ header }) => index.ancestorAt(tip, header.height))).toEqual(
              chainTo(tip),
            );
          expect(index.ancestorAt(entered, entered.header.height + 1)).toBeNull();
        }
      },
    ),
    { numRuns: 40 },
  );
});

test("a long chain is looked through in slices, and blocks by height are there at once", async () => {
  const author = new BlockAuthor();
  const tip = author.chain(author.genesis, 600).at(-1) as BlockEntry;
  // Bodies that take a while, as from a disk.
  const slow = (entry: BlockEntry) => {
    for (const endMs = performance.now() + 0.05; performance.now() < endMs; );
    return entry.transactions;
  };
  const index = new ChainIndex(tip, slow);
  expect(index.isBehind).toBe(true);
  expect(index.ancestorAt(tip, 300)?.header.height).toBe(300);
  await caughtUp(index);
  expect(index.latest(null, 10).count).toBe(600);
});

test("a body that is lost is left out, and does no harm when it leaves the chain", async () => {
  const author = new BlockAuthor();
  const lost = author.child(author.genesis);
  const index = new ChainIndex(author.genesis, (entry) => (entry === lost ? null : entry.transactions));
  const top = author.child(lost);
  index.tipChanged(0, top);
  expect(index.latest(null, 9).places).toEqual([{ block: top, index: 0 }]);
  const other = author.child(author.genesis);
  index.tipChanged(0, other);
  expect(index.latest(null, 9).places).toEqual([{ block: other, index: 0 }]);
});

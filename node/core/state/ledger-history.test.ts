import fc from "fast-check";
import { expect, test } from "vitest";
import { alice, bob, contextOf, miner, someFacts } from "../../../test/support/chain-fixtures.ts";
import { BlockAuthor } from "../../../test/support/mined-blocks.ts";
import type { Hex } from "../chain/types.ts";
import type { BlockEntry } from "./block-entry.ts";
import { applyDelta, genesisLedger, type Ledger } from "./ledger.ts";
import { LedgerHistory } from "./ledger-history.ts";

const WINDOW_HEIGHTS = 3;
const OTHER_MINER = "0f".repeat(32);
const accounts = [alice.publicKey, bob.publicKey, miner.publicKey, OTHER_MINER];

/** Balances and sequences after a block, by walking its chain from genesis with plain sums. */
function replay(block: BlockEntry): Map<Hex, { balance: bigint; nextSequence: number }> {
  const state = new Map(accounts.map((account) => [account, { balance: 0n, nextSequence: 0 }]));
  const pay = (account: Hex, amount: bigint) => {
    const known = state.get(account);
    if (known !== undefined) known.balance += amount;
  };
  pay(alice.publicKey, 1_000n);
  pay(bob.publicKey, 500n);
  for (let at: BlockEntry | null = block; at !== null; at = at.parent)
    for (const { tx } of at.transactions ?? []) {
      if (tx.body.kind === "coinbase") pay(tx.sender, tx.body.amount);
      if (tx.body.kind !== "transfer") continue;
      pay(tx.sender, -tx.body.amount - tx.fee);
      pay(tx.body.recipient, tx.body.amount);
      const sender = state.get(tx.sender);
      if (sender !== undefined) sender.nextSequence++;
    }
  return state;
}

function contentOf(ledger: Ledger): ReturnType<typeof replay> {
  return new Map(accounts.map((account) => [account, { ...ledger.accountOf(account) }]));
}

/** A random tree, judged: blocks in the order in which they were made. */
function grow(author: BlockAuthor, parents: readonly number[]): BlockEntry[] {
  const context = contextOf(author.tree.parameters);
  const transfer = someFacts(context);
  const blocks = [author.genesis];
  for (const pick of parents) {
    // Mostly near the end, so that chains grow longer than the window; sometimes far back.
    const parent = blocks[Math.max(0, blocks.length - 1 - (pick % 7 === 0 ? pick : pick % 3))] as BlockEntry;
    const spent = replay(parent).get(alice.publicKey)?.nextSequence !== 0;
    const account = pick % 2 === 0 ? miner.publicKey : OTHER_MINER;
    const block = author.child(parent, {
      transactions: pick % 4 === 1 && !spent ? [transfer] : [],
      header: { miner: account },
      coinbase: { sender: account },
    });
    expect(author.tree.judge(block)).toBeNull();
    blocks.push(block);
  }
  return blocks;
}

test("the ledger of any block, kept or let go, on the best chain or off it, is what a replay from genesis gives", () => {
  let rebuiltCount = 0;
  fc.assert(
    fc.property(fc.array(fc.nat(20), { minLength: 5, maxLength: 30 }), (parents) => {
      const author = new BlockAuthor();
      const blocks = grow(author, parents);
      for (const block of blocks) block.ledger = null;
      author.genesis.ledger = genesisLedger(author.tree.parameters);
      const history = new LedgerHistory(author.genesis, WINDOW_HEIGHTS);
      let best = author.genesis;
      blocks.slice(1).forEach((block, index) => {
        const before = block.parent?.ledger ?? history.rebuild(block.parent as BlockEntry);
        history.keep(block, applyDelta(before, block.delta ?? []));
        if (block.chainWork > best.chainWork) {
          best = block;
          const tooDeep = blocks.filter((each) => each.header.height < best.header.height - WINDOW_HEIGHTS);
          expect(tooDeep.every(({ ledger }) => ledger === null)).toBe(true);
        }
        for (const each of blocks.slice(0, index + 2)) {
          if (each.ledger === null) rebuiltCount++;
          expect(contentOf(each.ledger ?? history.rebuild(each))).toEqual(replay(each));
        }
      });
    }),
    { numRuns: 40 },
  );
  expect(rebuiltCount).toBeGreaterThan(100);
});

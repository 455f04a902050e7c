import fc from "fast-check";
import { expect, test } from "vitest";
import { aChain, aCoinbase, aHeader, contextOf, someFacts } from "../../../test/support/chain-fixtures.ts";
import { expectSettledUntouched } from "../../../test/support/lone-machine.ts";
import { aTree, BlockAuthor } from "../../../test/support/mined-blocks.ts";
import { workOfCompact } from "../chain/target.ts";
import type { TransactionFacts } from "../chain/transaction-facts.ts";
import type { Header } from "../chain/types.ts";
import { HELD, REQUESTED, UNKNOWN } from "./belief-columns.ts";
import type { BlockEntry } from "./block-entry.ts";
import type { BlockTree } from "./block-tree.ts";
import { UNLINKED_COUNT_MAX } from "./unlinked-blocks.ts";

function enter(tree: BlockTree, block: BlockEntry): BlockEntry {
  const entered = tree.enterHeader(block.header);
  if (!entered.ok) expect.fail(entered.violation.code);
  return entered.block;
}

test("headers that come in any order end up in the same tree", () => {
  const author = new BlockAuthor();
  const main = author.chain(author.genesis, 6);
  const blocks = [...main, ...author.chain(main[2] as BlockEntry, 4), ...author.chain(author.genesis, 2)];
  fc.assert(
    fc.property(fc.shuffledSubarray(blocks, { minLength: blocks.length }), (order) => {
      const tree = aTree();
      for (const block of order) enter(tree, block);
      for (const block of blocks) {
        const entry = tree.get(block.hash);
        expect(entry?.chainWork).toBe(block.chainWork);
        expect(entry?.parent?.hash).toBe(block.parent?.hash);
        expect(new Set(entry?.children.map(({ hash }) => hash))).toEqual(
          new Set(block.children.map(({ hash }) => hash)),
        );
      }
      expect(tree.size).toBe(blocks.length + 1);
    }),
  );
});

test("headers of unknown parents are kept up to a bound, the oldest forgotten one by one, and no index is used twice", () => {
  const author = new BlockAuthor();
  const tree = aTree();
  const orphans: BlockEntry[] = [];
  // All of one unknown parent: forgetting one must not take its siblings along.
  const parent = author.child(author.genesis);
  for (let count = 0; count < UNLINKED_COUNT_MAX + 20; count++) {
    orphans.push(enter(tree, author.child(parent)));
    expect(tree.size).toBe(Math.min(count + 1, UNLINKED_COUNT_MAX) + 1);
  }
  expect(orphans.map(({ hash }) => tree.get(hash) !== null)).toEqual(orphans.map((_, index) => index >= 20));
  expect(new Set(orphans.map(({ index }) => index)).size).toBe(orphans.length);
  expect(tree.unsettled).toHaveLength(UNLINKED_COUNT_MAX);
  enter(tree, parent);
  expect(tree.get(parent.hash)?.children).toHaveLength(UNLINKED_COUNT_MAX);
  expect(orphans.at(-1)?.chainWork).toBe(parent.chainWork + workOfCompact(parent.header.compactTarget));
  // Those that are linked now count no more.
  for (let count = 0; count < UNLINKED_COUNT_MAX; count++)
    enter(tree, author.child(author.child(author.genesis)));
  expect(tree.size).toBe(2 + 2 * UNLINKED_COUNT_MAX);
});

test("an unlinked header that breaks a rule once its parent is known is forgotten", () => {
  const author = new BlockAuthor();
  const tree = aTree();
  const parent = author.child(author.genesis);
  const wrong = aHeader(parent, author.tree.parameters, [], { height: 7 });
  const entered = tree.enterHeader(wrong);
  expect(entered.ok && entered.block.parent).toBeNull();
  enter(tree, parent);
  expect(tree.size).toBe(2);
  expect(tree.unsettled).toHaveLength(1);
});

test("the body of an unlinked header is not kept", () => {
  const author = new BlockAuthor();
  const tree = aTree();
  const [parent, orphan] = author.chain(author.genesis, 2) as [BlockEntry, BlockEntry];
  const entry = enter(tree, orphan);
  expect(tree.attachBody(entry, orphan.transactions ?? [])).toBeNull();
  expect(entry.transactions).toBeNull();
  enter(tree, parent);
  expect(tree.attachBody(entry, orphan.transactions ?? [])).toBeNull();
  expect(entry.transactions).toBe(orphan.transactions);
  expect(entry.delivery?.sizeBytes).toBe(5 + 1 + entry.sizeBytes);
});

test("every rule of a header is kept at the door", () => {
  const params = aChain();
  const codeOf = (overrides: Partial<Header>, seal: "drawn" | "hash" = "drawn") => {
    const tree = aTree({ seal });
    const header = aHeader(tree.genesis, { ...params, seal }, [], overrides);
    const entered = tree.enterHeader(header);
    expect(tree.size).toBe(entered.ok ? 2 : 1);
    return entered.ok ? null : entered.violation.code;
  };
  expect(codeOf({})).toBeNull();
  expect(codeOf({ version: 9 })).toBe("bad-version");
  expect(codeOf({ height: 2 })).toBe("bad-height");
  expect(codeOf({ compactTarget: 0x1f00ffff })).toBe("bad-target");
  expect(codeOf({ timeMs: params.genesisTimeMs })).toBe("time-too-old");
  expect(codeOf({}, "hash")).toBe("high-hash");
});

test("every rule of a body condemns the block once it is judged", () => {
  const params = aChain();
  const context = contextOf(params);
  const transfer = someFacts(context, { sequence: 0 });
  const later = someFacts(context, { sequence: 1 });
  const dear = someFacts(context, { body: { kind: "transfer", recipient: "22".repeat(32), amount: 9_999n } });
  const forged = someFacts({ ...context, verify: () => false });
  const endless = someFacts(context, { body: { kind: "post", text: "x".repeat(4_097) } });
  const codeOf = (transactions: TransactionFacts[], coinbase = {}) => {
    const author = new BlockAuthor();
    return author.tree.judge(author.child(author.genesis, { transactions, coinbase }))?.code ?? null;
  };
  expect(codeOf([transfer, later])).toBeNull();
  expect(codeOf([transfer, transfer])).toBe("duplicate-transaction");
  expect(codeOf([later])).toBe("bad-sequence");
  expect(codeOf([dear])).toBe("no-cover");
  expect(codeOf([forged])).toBe("bad-signature");
  expect(codeOf([endless])).toBe("bad-payload");
  expect(codeOf([], { sequence: 5 })).toBe("bad-coinbase");
  const posts = [0, 1, 2].map((sequence) =>
    someFacts(context, { sequence, body: { kind: "post", text: "x".repeat(4_000) } }),
  );
  expect(codeOf(posts)).toBe("block-too-large");
});

test("a body that the header does not commit to is refused and leaves the block as it was", () => {
  const author = new BlockAuthor();
  const tree = aTree();
  const block = enter(tree, author.child(author.genesis));
  const other = aCoinbase(tree.parameters, 2);
  expect(tree.attachBody(block, [other])?.code).toBe("bad-merkle-root");
  expect(block.transactions).toBeNull();
  expect(block.violation).toBeNull();
  const made = tree.enterMined(aHeader(tree.genesis, tree.parameters, []), [other]);
  expect(!made.ok && made.violation.code).toBe("bad-merkle-root");
});

test("what follows an invalid block is invalid, whether it came before the judgement or after", () => {
  const author = new BlockAuthor();
  const bad = author.greedyChild(author.genesis);
  const [child, grandchild] = author.chain(bad, 2) as [BlockEntry, BlockEntry];
  expect(author.tree.judge(bad)?.code).toBe("bad-coinbase");
  expect(author.tree.judge(child)).toEqual({ code: "bad-parent", parentHash: bad.hash });
  expect(author.tree.judge(grandchild)).toEqual({ code: "bad-parent", parentHash: child.hash });
  const entered = author.tree.enterHeader(aHeader(bad, author.tree.parameters));
  expect(!entered.ok && entered.violation).toEqual({ code: "bad-parent", parentHash: bad.hash });
  expect(bad.ledger).toBeNull();
});

test("a block is judged once, and never before its parent or without its body", () => {
  const author = new BlockAuthor();
  const [parent, child] = author.chain(author.genesis, 2) as [BlockEntry, BlockEntry];
  expect(() => author.tree.judge(child)).toThrow("judged before its parent");
  expect(author.tree.judge(parent)).toBeNull();
  const { ledger } = parent;
  expect(author.tree.judge(parent)).toBeNull();
  expect(parent.ledger).toBe(ledger);
  const tree = aTree();
  expect(() => tree.judge(enter(tree, parent))).toThrow("body");
});

test("a block that every view holds gives its column back, clean, and shares the settled one", () => {
  const author = new BlockAuthor();
  const blocks = author.chain(author.genesis, 4) as [BlockEntry, BlockEntry, BlockEntry, BlockEntry];
  const tree = aTree({}, 3, 40);
  const first = enter(tree, blocks[0]);
  const column = first.beliefs;
  column.status.fill(HELD);
  column.known.fill(7);
  first.heldCount = 3;
  const second = enter(tree, blocks[1]);
  expect(first.beliefs).toBe(tree.columns.settled);
  expect(second.beliefs).toBe(column);
  expect([...column.status, ...column.known]).toEqual(new Array(3 + 6).fill(0));
  expect(tree.unsettled).toEqual([second]);
  // Held by all but one: it keeps its column, however many blocks come.
  second.beliefs.status.set([HELD, HELD, REQUESTED]);
  second.heldCount = 2;
  enter(tree, blocks[2]);
  enter(tree, blocks[3]);
  expect(second.beliefs).toBe(column);
  expectSettledUntouched(tree);
});

test("a view that is forgotten leaves the others and what is settled as they are", () => {
  const author = new BlockAuthor();
  const [block] = author.chain(author.genesis, 1) as [BlockEntry];
  const tree = aTree({}, 2, 40);
  const entry = enter(tree, block);
  entry.beliefs.status.set([HELD, HELD]);
  entry.beliefs.known.fill(9);
  entry.heldCount = 2;
  tree.linksUp.fill(5);
  tree.forgetView(1);
  expect([...entry.beliefs.status]).toEqual([HELD, UNKNOWN]);
  expect([...entry.beliefs.known]).toEqual([9, 9, 0, 0]);
  expect([...tree.linksUp]).toEqual([5, 5, 0, 0]);
  expect(entry.heldCount).toBe(1);
  expect(tree.genesis.beliefs.status[1]).toBe(HELD);
  expectSettledUntouched(tree);
});

test("the check of the settled column finds a view that writes to it", () => {
  const tree = aTree({}, 2, 40);
  tree.genesis.beliefs.status[1] = REQUESTED;
  expect(() => expectSettledUntouched(tree)).toThrow();
  tree.genesis.beliefs.status[1] = HELD;
  tree.genesis.beliefs.known[3] = 1;
  expect(() => expectSettledUntouched(tree)).toThrow();
});

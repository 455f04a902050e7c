import { expect, test } from "vitest";
import { alice, bob, someFacts } from "../../../test/support/chain-fixtures.ts";
import { LoneMachine } from "../../../test/support/lone-machine.ts";
import type { TransactionFacts } from "../chain/transaction-facts.ts";
import { HELD } from "../state/belief-columns.ts";
import type { BlockEntry } from "../state/block-entry.ts";
import type { PlacedTransaction } from "../state/compact-block.ts";
import {
  type CompactMessage,
  compactMessage,
  type Message,
  makeCompact,
  makeMissing,
  makeRequestMissing,
  prefill,
} from "../state/messages.ts";
import { REQUEST_TIMEOUT_US } from "../sync/download-limits.ts";
import { TELL_INTERVAL_US } from "../sync/transaction-news.ts";

const PEER = 0;
const OTHER = 1;

/** A machine in compact relay, and a block on genesis with four transactions of which it has these in its mempool. */
function aNetwork(known: (index: number) => boolean, fee = 1n) {
  const lone = new LoneMachine({ relay: "compact" });
  lone.linkUp(PEER, OTHER);
  const context = lone.author.tree.transactionContext;
  const transactions = [alice, bob].flatMap((signer) =>
    [0, 1].map((sequence) => someFacts(context, { signer, sequence, fee })),
  );
  const block = lone.author.child(lone.author.genesis, { transactions });
  for (const facts of transactions.filter((_, index) => known(index)))
    expect(lone.machine.submit(facts, lone.nowUs)).toBeNull();
  // Told of, so that they are no news any more.
  lone.passUs(TELL_INTERVAL_US);
  lone.port.take();
  return { lone, block, transactions };
}

/** The message that a peer sends for the block, about the machine's own entry of it. */
function compactOf(lone: LoneMachine, block: BlockEntry, positions: readonly number[] = []): Message {
  const transactions = block.transactions ?? [];
  const { shortIds, prefilled } = prefill(makeCompact(block, transactions), transactions, positions);
  return compactMessage(lone.entryOf(block), shortIds, prefilled);
}

function sentKinds(lone: LoneMachine, link: number): string[] {
  return lone.port
    .take()
    .filter((sent) => sent.link === link)
    .map(({ message }) => message.kind);
}

test("a block whose transactions wait here needs no question, and goes on to whoever has not told of it", () => {
  const { lone, block } = aNetwork(() => true);
  lone.machine.onMessage(PEER, compactOf(lone, block), lone.nowUs);
  lone.expectAtRest(block);
  expect(sentKinds(lone, PEER)).toEqual([]);
});

test("and is passed on as short ids", () => {
  const { lone, block } = aNetwork(() => true);
  lone.machine.onMessage(PEER, compactOf(lone, block), lone.nowUs);
  expect(sentKinds(lone, OTHER)).toEqual(["compact"]);
});

test("what is missing is asked for by its position, and then the block is whole", () => {
  const { lone, block, transactions } = aNetwork((index) => index % 2 === 0);
  lone.machine.onMessage(PEER, compactOf(lone, block), lone.nowUs);
  const entry = lone.entryOf(block);
  const asked = lone.port.take().map(({ message }) => message);
  expect(asked).toEqual([makeRequestMissing(entry, [2, 4])]);
  const missing = [transactions[1], transactions[3]] as TransactionFacts[];
  lone.machine.onMessage(PEER, makeMissing(entry, missing), lone.nowUs);
  lone.expectAtRest(block);
});

test("what comes whole is not asked for, and what else is missing is asked for by its place in the block", () => {
  const all = aNetwork((index) => index % 2 === 0);
  all.lone.machine.onMessage(PEER, compactOf(all.lone, all.block, [2, 4]), all.lone.nowUs);
  all.lone.expectAtRest(all.block);
  expect(sentKinds(all.lone, PEER)).toEqual([]);

  const { lone, block, transactions } = aNetwork((index) => index % 2 === 0);
  lone.machine.onMessage(PEER, compactOf(lone, block, [2]), lone.nowUs);
  const entry = lone.entryOf(block);
  expect(lone.port.take().map(({ message }) => message)).toEqual([makeRequestMissing(entry, [4])]);
  lone.machine.onMessage(PEER, makeMissing(entry, [transactions[3] as TransactionFacts]), lone.nowUs);
  lone.expectAtRest(block);
});

test("what a node lacked itself it passes on whole, however the block came; what it had goes as short ids", () => {
  for (const comes of ["whole", "compact"] as const) {
    const { lone, block } = aNetwork((index) => index !== 2);
    if (comes === "whole") lone.body(PEER, block);
    else lone.machine.onMessage(PEER, compactOf(lone, block, [3]), lone.nowUs);
    lone.expectAtRest(block);
    const [told] = lone.port.take().filter(({ link }) => link === OTHER);
    expect(told?.message).toEqual(compactOf(lone, block, [3]));
  }
});

test("what a node has told nobody of yet it passes on whole as well", () => {
  const { lone, block, transactions } = aNetwork((index) => index !== 2);
  expect(lone.machine.submit(transactions[2] as TransactionFacts, lone.nowUs)).toBeNull();
  lone.machine.onMessage(PEER, compactOf(lone, block), lone.nowUs);
  const [told] = lone.port.take().filter(({ link }) => link === OTHER);
  expect(told?.message).toEqual(compactOf(lone, block, [3]));
});

test("so it does with what waited behind a gap, of which it told nobody", () => {
  const { lone, block } = aNetwork((index) => index !== 2, 0n);
  lone.body(PEER, block);
  const [told] = lone.port.take().filter(({ link }) => link === OTHER);
  expect(told?.message).toEqual(compactOf(lone, block, [3, 4]));
});

test("a transaction at the wrong place, or another, is nobody's fault: the block is fetched whole", () => {
  const { lone, block, transactions } = aNetwork(() => true);
  const { shortIds, prefilled } = compactOf(lone, block, [2]) as CompactMessage;
  const [coinbase] = prefilled as [PlacedTransaction];
  const wrong = { position: 2, facts: transactions[0] as TransactionFacts };
  lone.machine.onMessage(PEER, compactMessage(lone.entryOf(block), shortIds, [coinbase, wrong]), lone.nowUs);
  expect(lone.takeRequests()).toEqual([{ link: PEER, hash: block.hash, attempt: 0 }]);
  lone.body(PEER, block);
  lone.expectAtRest(block);
});

test("a collision of short ids is nobody's fault: the block is fetched whole", () => {
  const { lone, block } = aNetwork(() => true);
  // Planted: the sender's short id of the second transaction is that of the first of another block's, which waits here too.
  const stranger = someFacts(lone.author.tree.transactionContext, { signer: bob, sequence: 2 });
  expect(lone.machine.submit(stranger, lone.nowUs)).toBeNull();
  lone.port.take();
  const entry = lone.entryOf(block);
  const honest = makeCompact(block, block.transactions ?? []);
  const [coinbase] = block.transactions as [TransactionFacts];
  const planted = makeCompact(block, [coinbase, stranger]).shortIds[0] as number;
  const shortIds = honest.shortIds.map((shortId, index) => (index === 1 ? planted : shortId));
  lone.machine.onMessage(PEER, compactMessage(entry, shortIds, honest.prefilled), lone.nowUs);
  expect(lone.takeRequests()).toEqual([{ link: PEER, hash: block.hash, attempt: 0 }]);
  lone.body(PEER, block);
  lone.expectAtRest(block);
  expect(lone.port.disconnected).toEqual([]);
});

test.each([
  ["others", (all: TransactionFacts[]) => [all[0], all[2]]],
  ["too few", (all: TransactionFacts[]) => [all[1]]],
  ["too many", (all: TransactionFacts[]) => [all[1], all[3], all[0]]],
])("an answer with %s than were asked for leads to the whole block", (_what, answer) => {
  const { lone, block, transactions } = aNetwork((index) => index % 2 === 0);
  lone.machine.onMessage(PEER, compactOf(lone, block), lone.nowUs);
  lone.port.take();
  const answered = answer(transactions) as TransactionFacts[];
  lone.machine.onMessage(PEER, makeMissing(lone.entryOf(block), answered), lone.nowUs);
  expect(lone.takeRequests()).toEqual([{ link: PEER, hash: block.hash, attempt: 1 }]);
  lone.body(PEER, block);
  lone.expectAtRest(block);
});

test("an answer that does not come is asked of another peer, as the whole block", () => {
  const { lone, block } = aNetwork(() => false);
  lone.machine.onMessage(PEER, compactOf(lone, block), lone.nowUs);
  lone.machine.onMessage(OTHER, compactOf(lone, block), lone.nowUs);
  lone.port.take();
  lone.passUs(REQUEST_TIMEOUT_US);
  expect(lone.takeRequests()).toEqual([{ link: OTHER, hash: block.hash, attempt: 1 }]);
  // What nobody waits for from this peer any more changes nothing.
  lone.machine.onMessage(PEER, makeMissing(lone.entryOf(block), []), lone.nowUs);
  expect(lone.takeRequests()).toEqual([]);
  lone.body(OTHER, block);
  lone.expectAtRest(block);
});

test("transactions of a block that is held are sent, in the order of their positions; anything else is not found", () => {
  const { lone, block, transactions } = aNetwork(() => false);
  lone.body(PEER, block);
  lone.port.take();
  const entry = lone.entryOf(block);
  const ask = (positions: number[]) => {
    lone.machine.onMessage(OTHER, makeRequestMissing(entry, positions), lone.nowUs);
    return lone.port.take().map(({ message }) => message);
  };
  expect(ask([1, 3])).toEqual([makeMissing(entry, [transactions[0], transactions[2]] as TransactionFacts[])]);
  expect(ask([3, 1])[0]?.kind).toBe("not-found");
  expect(ask([1, 1])[0]?.kind).toBe("not-found");
  expect(ask([5])[0]?.kind).toBe("not-found");
});

test("of a worse chain, or before its parent, a compact block is a header like any other", () => {
  const lone = new LoneMachine({ relay: "compact" });
  lone.linkUp(PEER);
  const [first, second] = lone.author.chain(lone.author.genesis, 2) as [BlockEntry, BlockEntry];
  lone.headers(PEER, [first]);
  lone.port.take();
  lone.machine.onMessage(PEER, compactOf(lone, second), lone.nowUs);
  expect(lone.takeRequests().map(({ hash }) => hash)).toEqual([second.hash]);
  lone.body(PEER, first);
  lone.body(PEER, second);
  expect(lone.status(second)).toBe(HELD);
  const worse = lone.author.child(lone.author.genesis);
  lone.machine.onMessage(PEER, compactOf(lone, worse), lone.nowUs);
  expect(lone.status(worse)).not.toBe(HELD);
  lone.expectAtRest(second);
});

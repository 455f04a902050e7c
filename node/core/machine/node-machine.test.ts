import { expect, test } from "vitest";
import { contextOf, someFacts } from "../../../test/support/chain-fixtures.ts";
import { LoneMachine } from "../../../test/support/lone-machine.ts";
import { ANNOUNCED } from "../state/belief-columns.ts";
import { makeBlockMessage, makeGetHeaders } from "../state/messages.ts";
import { locatorFrom } from "../sync/header-sync.ts";

test("a block is announced, asked for, taken, and told to those who do not know it", () => {
  const lone = new LoneMachine();
  const block = lone.author.child(lone.author.genesis);
  lone.linkUp(0, 1, 2);
  lone.announce(0, block);
  lone.announce(1, block);
  expect(lone.takeRequests()).toEqual([{ link: 0, hash: block.hash, attempt: 0 }]);
  lone.body(0, block);
  expect(lone.port.take().map(({ link, message }) => [link, message.kind])).toEqual([[2, "announce"]]);
  expect(lone.port.held.map(({ source }) => source)).toEqual([0]);
  lone.expectAtRest(block);
});

test("a push node sends the whole block at once", () => {
  const lone = new LoneMachine({ relay: "push" });
  const block = lone.author.child(lone.author.genesis);
  lone.linkUp(0, 1);
  lone.body(0, block);
  expect(lone.port.take().map(({ link, message }) => [link, message.kind])).toEqual([[1, "block"]]);
  lone.expectAtRest(block);
});

test("of two blocks with equal work the one seen first stays the tip", () => {
  const lone = new LoneMachine();
  const first = lone.author.child(lone.author.genesis);
  const second = lone.author.child(lone.author.genesis);
  lone.linkUp(0, 1);
  lone.announce(0, first);
  lone.announce(1, second);
  // Both are worth having: whichever gets a child wins.
  expect(lone.takeRequests()).toHaveLength(2);
  lone.body(1, second);
  lone.body(0, first);
  lone.expectAtRest(second);
  expect(lone.port.tips).toHaveLength(1);
});

test("a branch with less work is worth its header and not its body, until it has as much work", () => {
  const lone = new LoneMachine();
  const main = lone.author.chain(lone.author.genesis, 3);
  const branch = lone.author.chain(lone.author.genesis, 4);
  lone.linkUp(0, 1);
  lone.headers(0, main);
  lone.serve(main);
  lone.headers(1, branch.slice(0, 2));
  expect(lone.takeRequests()).toEqual([]);
  lone.headers(1, branch.slice(0, 3));
  lone.serve(branch);
  lone.expectAtRest(main[2] ?? lone.author.genesis);
  lone.announce(1, branch[3] ?? lone.author.genesis);
  lone.serve(branch);
  lone.expectAtRest(branch[3] ?? lone.author.genesis);
});

test("a deep reorganisation is one change, and what only the old branch held waits again", () => {
  const lone = new LoneMachine();
  const context = contextOf(lone.tree.parameters);
  const inBoth = someFacts(context, { sequence: 0 });
  const inOldOnly = someFacts(context, { sequence: 1 });
  const old1 = lone.author.child(lone.author.genesis, { transactions: [inBoth] });
  const old2 = lone.author.child(old1, { transactions: [inOldOnly] });
  const young1 = lone.author.child(lone.author.genesis);
  const young2 = lone.author.child(young1, { transactions: [inBoth] });
  const young3 = lone.author.child(young2);
  lone.linkUp(0);
  lone.headers(0, [old1, old2]);
  lone.serve([old1, old2]);
  expect(lone.machine.mempool.count).toBe(0);
  lone.headers(0, [young1, young2, young3]);
  // The best of them comes first: nothing moves until all are here, and then once.
  lone.body(0, young3);
  lone.body(0, young2);
  lone.body(0, young1);
  lone.expectAtRest(young3);
  const last = lone.port.tips.at(-1);
  expect(last?.change.disconnected.map(({ hash }) => hash)).toEqual([old2.hash, old1.hash]);
  expect(last?.change.connected.map(({ hash }) => hash)).toEqual([young1.hash, young2.hash, young3.hash]);
  expect([...lone.machine.mempool.inOrderOfArrival()].map(({ id }) => id)).toEqual([inOldOnly.id]);
});

test("whoever asks for a block that is not held is told so, and is not believed to know it", () => {
  const lone = new LoneMachine();
  const block = lone.author.child(lone.author.genesis);
  lone.linkUp(0, 1);
  lone.announce(0, block);
  lone.machine.onMessage(1, lone.entryOf(block).request, lone.nowUs);
  expect(lone.port.take().map(({ message }) => message.kind)).toEqual(["request", "not-found"]);
  expect(lone.machine.peerKnows(lone.entryOf(block), 1)).toBe(false);
  lone.body(0, block);
  lone.port.take();
  lone.machine.onMessage(1, makeBlockMessage("request", lone.entryOf(block), 3), lone.nowUs);
  const [answer] = lone.port.take();
  expect(answer?.message).toMatchObject({ kind: "block", attempt: 3 });
});

test("a peer that asks gets the headers above the highest that it names", () => {
  const lone = new LoneMachine();
  const chain = lone.author.chain(lone.author.genesis, 5);
  lone.linkUp(0);
  lone.headers(0, chain);
  lone.serve(chain);
  const at = chain[1] ?? lone.author.genesis;
  lone.machine.onMessage(0, makeGetHeaders(locatorFrom(at)), lone.nowUs);
  const [answer] = lone.port.take().filter(({ message }) => message.kind === "headers");
  expect(answer?.message.kind === "headers" && answer.message.blocks.map(({ hash }) => hash)).toEqual(
    chain.slice(2).map(({ hash }) => hash),
  );
});

test("a new link hears of the tip and of what waits; a first link of a new node hears nothing", () => {
  const lone = new LoneMachine();
  lone.linkUp(0);
  expect(lone.port.take()).toEqual([]);
  const block = lone.author.child(lone.author.genesis);
  lone.body(0, block);
  const facts = someFacts(contextOf(lone.tree.parameters));
  expect(lone.machine.submit(facts, 1_000)).toBeNull();
  lone.port.take();
  lone.linkUp(1);
  expect(lone.port.take()).toMatchObject([
    { link: 1, message: { kind: "announce", block: { hash: block.hash } } },
    { link: 1, message: { kind: "announce-transactions", ids: [facts.id] } },
  ]);
});

test("after a restart the machine stands where it stood, first seen among equals, and tells nobody", () => {
  const before = new LoneMachine();
  const main = before.author.chain(before.author.genesis, 2);
  const rival = before.author.child(main[0] ?? before.author.genesis);
  for (const block of [...main, rival]) before.body(0, block);
  const after = new LoneMachine();
  for (const block of [...main, rival]) {
    const entry = after.entryOf(block);
    after.tree.attachBody(entry, block.transactions ?? []);
    expect(after.tree.judge(entry)).toBeNull();
    after.machine.restore(entry);
  }
  expect(after.port.sent).toEqual([]);
  after.expectAtRest(before.machine.tip);
  after.linkUp(0);
  expect(after.port.take()).toMatchObject([
    { message: { kind: "announce", block: { hash: main[1]?.hash } } },
  ]);
});

test("a tip is told although a better one is announced, and kept quiet only while the view is far behind", () => {
  const near = new LoneMachine();
  const [first, second] = near.author.chain(near.author.genesis, 2);
  near.linkUp(0, 1);
  near.headers(
    0,
    [first, second].filter((block) => block !== undefined),
  );
  if (first !== undefined) near.body(0, first);
  // The second may never come: peers must not wait for it.
  expect(near.port.sent.filter(({ link }) => link === 1).map(({ message }) => message.kind)).toEqual([
    "announce",
  ]);

  const far = new LoneMachine();
  const chain = far.author.chain(far.author.genesis, 30);
  far.linkUp(0, 1);
  far.headers(0, chain);
  for (const block of chain.slice(0, 10)) far.body(0, block);
  expect(far.port.sent.filter(({ message }) => message.kind === "announce")).toEqual([]);
  // The peer goes, and with it the rest: what was reached is news after all.
  far.machine.linkDown(0, far.nowUs);
  const announced = far.port.sent.filter(({ message }) => message.kind === "announce");
  expect(announced).toMatchObject([{ link: 1, message: { block: { hash: chain[9]?.hash } } }]);
  far.expectAtRest(chain[9] ?? far.author.genesis);
  expect(far.status(chain[20] ?? far.author.genesis)).toBe(ANNOUNCED);
});

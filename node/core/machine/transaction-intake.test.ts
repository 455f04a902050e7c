import { expect, test } from "vitest";
import { alice, bob, contextOf, someFacts } from "../../../test/support/chain-fixtures.ts";
import { LoneMachine } from "../../../test/support/lone-machine.ts";
import { signerFromSeed } from "../../adapters/node-crypto.ts";
import type { TransactionFacts as Facts } from "../chain/transaction-facts.ts";
import type { Hex } from "../chain/types.ts";
import { makeTransactionNames, makeTransactions } from "../state/messages.ts";
import { ANNOUNCED_COUNT_MAX, TELL_INTERVAL_US } from "../sync/transaction-news.ts";
import {
  TRANSACTION_TIMEOUT_US,
  TRANSACTIONS_COUNT_MAX,
  WANTED_PER_LINK_MAX,
} from "../sync/transaction-wants.ts";
import type { ProtocolSettings } from "./best-chain.ts";

/** A machine with links, and what the peers at them say and hear of transactions. */
function aMachine(
  links: readonly number[],
  relay: "announce" | "push" = "announce",
  settings: Partial<ProtocolSettings> = {},
) {
  const lone = new LoneMachine({ relay, mempoolBytesMax: 1_000_000, ...settings });
  lone.linkUp(...links);
  const context = contextOf(lone.tree.parameters);
  const { machine, port } = lone;
  return {
    lone,
    context,
    submit: (facts: Facts) => machine.submit(facts, lone.nowUs),
    announce: (link: number, ...ids: Hex[]) =>
      machine.onMessage(link, makeTransactionNames("announce-transactions", ids), lone.nowUs),
    request: (link: number, ...ids: Hex[]) =>
      machine.onMessage(link, makeTransactionNames("request-transactions", ids), lone.nowUs),
    bring: (link: number, ...facts: Facts[]) => machine.onMessage(link, makeTransactions(facts), lone.nowUs),
    /** What was sent since the last look: link, kind and ids. */
    said: () =>
      port.take().map(({ link, message }) => {
        if (message.kind === "transactions")
          return [link, message.kind, ...message.transactions.map(({ id }) => id)];
        return [link, message.kind, ...("ids" in message ? message.ids : [])];
      }),
  };
}

/** Ids of transactions that nobody has. */
function someIds(count: number, prefix = "a"): Hex[] {
  return Array.from({ length: count }, (_, index) => prefix + index.toString(16).padStart(63, "0"));
}

test("transactions that come within half a second of each other are told in one message, whoever brought them", () => {
  const { lone, context, submit, bring, said } = aMachine([0, 1]);
  const [first, second] = [someFacts(context), someFacts(context, { signer: bob })];
  submit(first);
  lone.passUs(TELL_INTERVAL_US - 1);
  bring(1, second);
  expect(said()).toEqual([]);
  lone.passUs(1);
  expect(said()).toEqual([
    [0, "announce-transactions", first.id, second.id],
    [1, "announce-transactions", first.id],
  ]);
  lone.passUs(10 * TELL_INTERVAL_US);
  expect(said()).toEqual([]);
});

test("a peer that announces a transaction first, or brings it again, is not told of it; others are", () => {
  const { lone, context, submit, announce, bring, said } = aMachine([0, 1, 2]);
  const facts = someFacts(context);
  submit(facts);
  announce(1, facts.id);
  bring(2, facts);
  lone.passUs(TELL_INTERVAL_US);
  expect(said()).toEqual([[0, "announce-transactions", facts.id]]);
});

test("what a block takes before it was told is told to nobody", () => {
  const { lone, context, submit, said } = aMachine([0]);
  const facts = someFacts(context);
  submit(facts);
  lone.body(0, lone.author.child(lone.author.genesis, { transactions: [facts] }));
  said();
  lone.passUs(TELL_INTERVAL_US);
  expect(said()).toEqual([]);
});

test("a full message's worth is told at once", () => {
  const { lone, context, submit, said } = aMachine([0]);
  const accounts = Array.from({ length: 20 }, (_, index) => signerFromSeed(`account ${index}`));
  const all = accounts.flatMap((signer) =>
    Array.from({ length: ANNOUNCED_COUNT_MAX / 20 }, (_, sequence) =>
      someFacts(context, { signer, sequence, fee: 0n, body: { kind: "post", text: "" } }),
    ),
  );
  for (const facts of all.slice(1)) submit(facts);
  expect(said()).toEqual([]);
  for (const facts of all.slice(0, 1)) submit(facts);
  expect(said().map(([link, kind, ...ids]) => [link, kind, ids.length])).toEqual([
    [0, "announce-transactions", ANNOUNCED_COUNT_MAX],
  ]);
  lone.passUs(TELL_INTERVAL_US);
  expect(said()).toEqual([]);
});

test("of those that announce a transaction the first is asked, and when it does not send it in time the next", () => {
  const { lone, context, announce, bring, said } = aMachine([0, 1, 2, 3]);
  const facts = someFacts(context);
  announce(2, facts.id);
  announce(0, facts.id);
  announce(1, facts.id);
  expect(said()).toEqual([[2, "request-transactions", facts.id]]);
  lone.passUs(TRANSACTION_TIMEOUT_US - 1);
  expect(said()).toEqual([]);
  lone.passUs(1);
  expect(said()).toEqual([[0, "request-transactions", facts.id]]);
  bring(0, facts);
  expect(lone.machine.mempool.has(facts.id)).toBe(true);
  lone.passUs(10 * TRANSACTION_TIMEOUT_US);
  // Of the three that said they have it, one did not send it.
  expect(said()).toEqual([
    [2, "announce-transactions", facts.id],
    [3, "announce-transactions", facts.id],
  ]);
});

test("when the link that was asked ends, the next is asked at once; when none is left it is forgotten until it is announced again", () => {
  const { lone, announce, said } = aMachine([0, 1]);
  const [id] = someIds(1) as [Hex];
  announce(0, id);
  announce(1, id);
  said();
  lone.machine.linkDown(0, lone.nowUs);
  expect(said()).toEqual([[1, "request-transactions", id]]);
  lone.machine.linkDown(1, lone.nowUs);
  expect(said()).toEqual([]);
  expect(lone.port.wakeAtUs).toBe(Number.POSITIVE_INFINITY);
  lone.linkUp(1);
  announce(1, id);
  expect(said()).toEqual([[1, "request-transactions", id]]);
});

test("what was asked through a cut is asked again when the link is mended and its peer tells what it has", () => {
  const { lone, announce, said } = aMachine([0]);
  const ids = someIds(3);
  announce(0, ...ids);
  said();
  lone.linkUp(0);
  said();
  announce(0, ...ids);
  expect(said()).toEqual([[0, "request-transactions", ...ids]]);
});

test("a peer gets what it asks for and still waits here; of the rest it hears nothing", () => {
  const { context, submit, request, said } = aMachine([0]);
  const facts = someFacts(context);
  submit(facts);
  request(0, ...someIds(2), facts.id);
  expect(said()).toEqual([[0, "transactions", facts.id]]);
  request(0, ...someIds(2));
  expect(said()).toEqual([]);
});

test("a transaction that was refused is asked of nobody else until the tip moves", () => {
  const { lone, context, announce, bring, said } = aMachine([0, 1]);
  const early = someFacts(context, { sequence: 1_000 });
  announce(0, early.id);
  bring(0, early);
  said();
  announce(1, early.id);
  expect(said()).toEqual([]);
  lone.body(0, lone.author.child(lone.author.genesis));
  said();
  announce(1, early.id);
  expect(said()).toEqual([[1, "request-transactions", early.id]]);
});

test("one that is broken ends the link that brought it, and those before it go on", () => {
  const { lone, context, bring, said } = aMachine([0, 1]);
  const good = someFacts(context, { sequence: 0 });
  const forged = someFacts({ ...context, verify: () => false }, { sequence: 1 });
  bring(0, good, forged);
  expect(lone.port.disconnected).toEqual([{ link: 0, reason: "bad-signature" }]);
  lone.passUs(TELL_INTERVAL_US);
  expect(said()).toEqual([[1, "announce-transactions", good.id]]);
  const coinbase = lone.author.child(lone.author.genesis).transactions?.[0];
  bring(1, ...(coinbase === undefined ? [] : [coinbase]));
  expect(lone.port.disconnected.at(-1)).toEqual({ link: 1, reason: "bad-payload" });
});

test("a peer that announces without end is asked for a bounded number, and keeps nobody else from being asked", () => {
  const { announce, said } = aMachine([0, 1]);
  for (const prefix of ["a", "b", "c"]) announce(0, ...someIds(ANNOUNCED_COUNT_MAX, prefix));
  const asked = said();
  expect(asked.flatMap(([, , ...ids]) => ids)).toHaveLength(WANTED_PER_LINK_MAX);
  for (const [, , ...ids] of asked) expect(ids.length).toBeLessThanOrEqual(TRANSACTIONS_COUNT_MAX);
  const others = someIds(2, "d");
  announce(1, ...others);
  expect(said()).toEqual([[1, "request-transactions", ...others]]);
});

test("a new peer is told of what waits, and not again with the next news", () => {
  const { lone, context, submit, said } = aMachine([0]);
  const facts = someFacts(context, { signer: alice });
  submit(facts);
  lone.linkUp(1);
  expect(said()).toEqual([[1, "announce-transactions", facts.id]]);
  lone.passUs(TELL_INTERVAL_US);
  expect(said()).toEqual([[0, "announce-transactions", facts.id]]);
});

test("a push node sends transactions whole and at once, to all but whom they came from, and takes them when it did not ask", () => {
  const { lone, context, submit, bring, said } = aMachine([0, 1, 2], "push");
  const [own, heard] = [someFacts(context), someFacts(context, { signer: bob })];
  submit(own);
  bring(1, heard);
  expect(said()).toEqual([
    [0, "transactions", own.id],
    [1, "transactions", own.id],
    [2, "transactions", own.id],
    [0, "transactions", heard.id],
    [2, "transactions", heard.id],
  ]);
  lone.linkUp(3);
  expect(said()).toEqual([[3, "transactions", own.id, heard.id]]);
});

/** Alice's posts for no fee, by their sequences. */
const freePosts = (context: ReturnType<typeof contextOf>, ...sequences: number[]) =>
  sequences.map((sequence) => someFacts(context, { sequence, fee: 0n, body: { kind: "post", text: "" } }));

test("what waits behind a gap is told to nobody, not to a new peer either; when the gap closes all is told in order, and not to who has it", () => {
  const { lone, context, announce, bring, submit, said } = aMachine([0, 1, 2]);
  const [p0, p1, p2, p4] = freePosts(context, 0, 1, 2, 4) as [Facts, Facts, Facts, Facts];
  bring(1, p4, p2);
  submit(p1);
  announce(2, p1.id);
  lone.linkUp(3);
  lone.passUs(10 * TELL_INTERVAL_US);
  expect(said()).toEqual([]);
  submit(p0);
  lone.passUs(TELL_INTERVAL_US);
  expect(said()).toEqual([
    [0, "announce-transactions", p0.id, p1.id, p2.id],
    [1, "announce-transactions", p0.id, p1.id],
    [2, "announce-transactions", p0.id, p2.id],
    [3, "announce-transactions", p0.id, p1.id, p2.id],
  ]);
  lone.linkUp(4);
  expect(said()).toEqual([[4, "announce-transactions", p2.id, p1.id, p0.id]]);
});

test("a block that closes the gap lets go what waited behind it", () => {
  const { lone, context, submit, said } = aMachine([0]);
  const [p0, p1, p2] = freePosts(context, 0, 1, 2) as [Facts, Facts, Facts];
  submit(p2);
  submit(p1);
  lone.body(0, lone.author.child(lone.author.genesis, { transactions: [p0] }));
  said();
  lone.passUs(TELL_INTERVAL_US);
  expect(said()).toEqual([[0, "announce-transactions", p1.id, p2.id]]);
});

test("a fee behind a gap pays nobody yet: it is passed on as far as the budget of free relay goes", () => {
  const { lone, context, submit, said } = aMachine([0], "announce", { freeBytesPerSec: 20 });
  const paying = [5, 6].map((sequence) => someFacts(context, { sequence }));
  for (const facts of paying) expect(submit(facts)).toBeNull();
  lone.passUs(TELL_INTERVAL_US);
  expect(said()).toEqual([[0, "announce-transactions", paying[0]?.id]]);
});

test("what is over the budget of free relay is refused, told to nobody and asked for no more, and its bringer stays", () => {
  const { lone, context, announce, bring, submit, said } = aMachine([0, 1], "announce", {
    freeBytesPerSec: 20,
  });
  const [p0, p1] = freePosts(context, 0, 1) as [Facts, Facts];
  const paying = someFacts(context, { sequence: 1 });
  expect(submit(p0)).toBeNull();
  expect(submit(p1)?.code).toBe("over-free-relay");
  bring(0, p1);
  announce(1, p1.id);
  expect(lone.port.disconnected).toEqual([]);
  expect(submit(paying)).toBeNull();
  lone.passUs(TELL_INTERVAL_US);
  expect(said()).toEqual([0, 1].map((link) => [link, "announce-transactions", p0.id, paying.id]));
});

test("a push node holds back what waits behind a gap as well", () => {
  const { lone, context, bring, submit, said } = aMachine([0, 1], "push");
  const [p0, p1] = freePosts(context, 0, 1) as [Facts, Facts];
  bring(1, p1);
  lone.linkUp(2);
  expect(said()).toEqual([]);
  submit(p0);
  expect(said()).toEqual([
    [0, "transactions", p0.id, p1.id],
    [1, "transactions", p0.id],
    [2, "transactions", p0.id, p1.id],
  ]);
});

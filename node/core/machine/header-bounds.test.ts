import { expect, test } from "vitest";
import { aHeader } from "../../../test/support/chain-fixtures.ts";
import { LoneMachine } from "../../../test/support/lone-machine.ts";
import type { BlockEntry } from "../state/block-entry.ts";
import { makeHeaders } from "../state/messages.ts";
import { ANSWER_COUNT_MAX, HEADERS_COUNT_MAX } from "../sync/header-sync.ts";

/** Small, so that a test is quick. */
const headerBounds = { aheadMax: 3 * HEADERS_COUNT_MAX, looseCountMax: 1_000 };

const HONEST = 0;
const HOSTILE = 1;

/** `count` headers on top of a block in the machine's own tree, which nobody has bodies for. */
function headersOn(lone: LoneMachine, parent: BlockEntry, count: number): BlockEntry[] {
  const blocks: BlockEntry[] = [];
  for (let top = parent; blocks.length < count; ) {
    const entered = lone.tree.enterHeader(aHeader(top, lone.tree.parameters, [], { nonce: 7n }));
    if (!entered.ok) throw new Error(entered.violation.code);
    top = entered.block;
    blocks.push(top);
  }
  return blocks;
}

function inAnswers(blocks: readonly BlockEntry[]): BlockEntry[][] {
  const answers: BlockEntry[][] = [];
  for (let first = 0; first < blocks.length; first += HEADERS_COUNT_MAX)
    answers.push(blocks.slice(first, first + HEADERS_COUNT_MAX));
  return answers;
}

test("whoever makes cheap headers makes a node keep a bounded number of them, and nothing that it is on its way to", () => {
  const lone = new LoneMachine({ headerBounds });
  const { looseCountMax } = headerBounds;
  lone.linkUp(HONEST, HOSTILE);
  const honest = lone.author.chain(lone.author.genesis, 40);
  lone.headers(HONEST, honest);
  for (let branch = 0; branch < looseCountMax + 5_000; branch++) {
    const header = aHeader(lone.tree.genesis, lone.tree.parameters, [], { nonce: BigInt(branch) });
    const entered = lone.tree.enterHeader(header);
    if (entered.ok) lone.machine.onMessage(HOSTILE, entered.block.announcement, lone.nowUs);
    expect(lone.tree.size).toBeLessThanOrEqual(looseCountMax + 2);
  }
  const forgotten = lone.port.notices.reduce(
    (sum, notice) => sum + (notice.kind === "headers-forgotten" ? notice.count : 0),
    0,
  );
  expect(forgotten).toBeGreaterThan(5_000);
  lone.serve(honest);
  lone.expectAtRest(honest.at(-1) as BlockEntry);
});

test("of a chain without end a view learns so much ahead of its tip", () => {
  const lone = new LoneMachine({ headerBounds: { ...headerBounds, looseCountMax: 20_000 } });
  lone.linkUp(HONEST);
  const { aheadMax } = headerBounds;
  const endless = headersOn(lone, lone.tree.genesis, aheadMax + 2 * HEADERS_COUNT_MAX);
  for (const blocks of inAnswers(endless)) lone.machine.onMessage(HONEST, makeHeaders(blocks), lone.nowUs);
  expect(lone.machine.target.header.height).toBe(aheadMax + ANSWER_COUNT_MAX);
});

test("a view that put headers off asks for them when its tip has come nearer", () => {
  const lone = new LoneMachine({ headerBounds: { ...headerBounds, aheadMax: HEADERS_COUNT_MAX - 10 } });
  lone.linkUp(HONEST);
  const chain = lone.author.chain(lone.author.genesis, HEADERS_COUNT_MAX);
  lone.headers(HONEST, chain);
  expect(questions(lone)).toBe(0);
  for (const block of chain.slice(0, 9)) lone.body(HONEST, block);
  expect(questions(lone)).toBe(0);
  for (const block of chain.slice(9, 11)) lone.body(HONEST, block);
  expect(questions(lone)).toBe(1);
});

function questions(lone: LoneMachine): number {
  return lone.port.sent.filter(({ message }) => message.kind === "get-headers").length;
}

test("a header that was forgotten while its message was under way is as if it had never come", () => {
  const lone = new LoneMachine();
  lone.linkUp(HOSTILE);
  const [block] = headersOn(lone, lone.tree.genesis, 1) as [BlockEntry];
  lone.tree.forgetLoose(0, () => false);
  lone.machine.onMessage(HOSTILE, block.announcement, lone.nowUs);
  expect([lone.tree.get(block.hash), lone.machine.unfinished.inFlightCount]).toEqual([null, 0]);
});

test("a body that nobody asked for and that makes no better chain is not kept", () => {
  const lone = new LoneMachine();
  lone.linkUp(HONEST, HOSTILE);
  const chain = lone.author.chain(lone.author.genesis, 3);
  for (const block of chain) lone.body(HONEST, block);
  const cheap = lone.author.child(lone.author.genesis);
  lone.body(HOSTILE, cheap);
  expect(lone.port.held.map(({ block }) => block.hash)).toEqual(chain.map(({ hash }) => hash));
  expect(lone.tree.get(cheap.hash)?.transactions).toBeNull();
  lone.expectAtRest(chain.at(-1) as BlockEntry);
});

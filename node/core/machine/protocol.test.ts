import { expect, test } from "vitest";
import { someFacts } from "../../../test/support/chain-fixtures.ts";
import { START_US } from "../../../test/support/lone-machine.ts";
import { aTree, BlockAuthor } from "../../../test/support/mined-blocks.ts";
import { RecordingPort } from "../../../test/support/recording-port.ts";
import type { BlockEntry } from "../state/block-entry.ts";
import type { BlockTree } from "../state/block-tree.ts";
import { REQUEST_TIMEOUT_US } from "../sync/download-limits.ts";
import { Protocol } from "./protocol.ts";

/** One protocol for two views, each with one peer at link 0, and what the views wished to be woken at, in order. */
function twoViews() {
  const tree = aTree({}, 2);
  const port = new RecordingPort();
  const wishes: { view: number; inUs: number }[] = [];
  port.wakeAt = (view, atUs) => wishes.push({ view, inUs: atUs - START_US });
  const protocol = new Protocol(tree, port, { relay: "announce", mempoolBytesMax: 10_000 });
  for (const view of [0, 1]) protocol.linkUp(view, 0, START_US);
  return { tree, port, wishes, protocol };
}

function enter(tree: BlockTree, block: BlockEntry): BlockEntry {
  const entered = tree.enterMined(block.header, block.transactions ?? []);
  if (!entered.ok) expect.fail(entered.violation.code);
  return entered.block;
}

test("each view waits for its own request: an answer to one leaves the other's timeout as it was", () => {
  const { tree, port, wishes, protocol } = twoViews();
  const author = new BlockAuthor();
  const block = enter(tree, author.child(author.genesis));
  protocol.onMessage(0, 0, block.announcement, START_US);
  protocol.onMessage(1, 0, block.announcement, START_US + 500);
  if (block.delivery === null) expect.fail("no body");
  protocol.onMessage(0, 0, block.delivery, START_US + 900);
  expect(wishes).toEqual([
    { view: 0, inUs: REQUEST_TIMEOUT_US },
    { view: 1, inUs: REQUEST_TIMEOUT_US + 500 },
    { view: 0, inUs: Number.POSITIVE_INFINITY },
  ]);
  expect([protocol.inFlightCount(0), protocol.inFlightCount(1)]).toEqual([0, 1]);
  expect([protocol.stateOf(0).tip, protocol.stateOf(1).tip]).toEqual([block, tree.genesis]);
  port.take();
  protocol.wake(1, START_US + REQUEST_TIMEOUT_US + 499);
  expect(port.take()).toEqual([]);
  protocol.wake(1, START_US + REQUEST_TIMEOUT_US + 500);
  expect(port.take()).toMatchObject([{ link: 0, message: { kind: "request", attempt: 1 } }]);
});

test("what waits in one view's mempool waits in no other, though empty ones are shared", () => {
  const { tree, protocol } = twoViews();
  expect(protocol.submit(0, someFacts(tree.transactionContext), START_US)).toBeNull();
  expect([protocol.stateOf(0).mempool.count, protocol.stateOf(1).mempool.count]).toEqual([1, 0]);
});

test("a view that begins anew knows nothing of its former life, and asks again", () => {
  const { tree, wishes, protocol } = twoViews();
  const author = new BlockAuthor();
  const block = enter(tree, author.child(author.genesis));
  protocol.onMessage(0, 0, block.announcement, START_US);
  tree.forgetView(0);
  protocol.begin(0);
  expect(protocol.inFlightCount(0)).toBe(0);
  protocol.linkUp(0, 0, START_US);
  protocol.onMessage(0, 0, block.announcement, START_US + 700);
  expect(wishes.at(-1)).toEqual({ view: 0, inUs: REQUEST_TIMEOUT_US + 700 });
});

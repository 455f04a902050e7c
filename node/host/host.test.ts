import { expect, test } from "vitest";
import { miner, someFacts } from "../../test/support/chain-fixtures.ts";
import { START_US } from "../../test/support/lone-machine.ts";
import { aTree, BlockAuthor } from "../../test/support/mined-blocks.ts";
import { Protocol } from "../core/machine/protocol.ts";
import type { BlockEntry } from "../core/state/block-entry.ts";
import type { BlockTree } from "../core/state/block-tree.ts";
import { makeBlockMessage } from "../core/state/messages.ts";
import { REQUEST_TIMEOUT_US } from "../core/sync/download-limits.ts";
import { Host } from "./host.ts";
import { HostPort, type HostPorts } from "./host-port.ts";
import { type FoundBlock, restoreChain } from "./restore-chain.ts";

const found = (blocks: readonly BlockEntry[]): FoundBlock[] =>
  blocks.map((block) => ({ block, hasBody: true }));

/** A host over ports that write down, in order and in words, what they are told. */
function aHost(tree: BlockTree): { host: Host; log: string[]; stored: BlockEntry[] } {
  const log: string[] = [];
  const stored: BlockEntry[] = [];
  const ports: HostPorts = {
    transport: {
      send: (_view, link, message) => log.push(`send ${link} ${message.kind}`),
      sendToMany: (_view, firstLink, linkBits, message) =>
        log.push(`send ${firstLink}+${linkBits.toString(2)} ${message.kind}`),
      disconnect: (_view, link, reason) => log.push(`disconnect ${link} ${reason}`),
      passedOver: (_view, link) => log.push(`passed over ${link}`),
    },
    alarm: { wakeAt: (_view, atUs) => log.push(`wake at ${atUs - START_US}`) },
    store: {
      append: (_view, block) => {
        stored.push(block);
        log.push(`store ${block.header.height}`);
      },
    },
    miner: {
      tipChanged: (_view, tip) => log.push(`mine on ${tip.header.height}`),
      setHashRate: () => undefined,
    },
    telemetry: {
      blockMined: (_view, block) => log.push(`mined ${block.header.height}`),
      blockReceived: (_view, block) => log.push(`received ${block.header.height}`),
      blockRefused: (_view, _hash, violation, source) => log.push(`refused ${violation.code} from ${source}`),
      tipChanged: (_view, tip) => log.push(`tip ${tip.header.height}`),
      noticed: (_view, notice) => log.push(`noticed ${notice.kind}`),
      transactionSubmitted: (_view, _facts, violation) => log.push(`submitted ${violation?.code ?? "well"}`),
    },
  };
  const protocol = new Protocol(tree, new HostPort(ports), { relay: "announce", mempoolBytesMax: 10_000 });
  return { host: new Host(protocol, ports, { view: 0, minerAccount: miner.publicKey }), log, stored };
}

test("a block of one's own is stored before anyone hears of it, and counted once", () => {
  const { host, log } = aHost(aTree());
  host.linkUp(0, START_US);
  const template = host.template(START_US);
  expect(host.sealed(template, 7n, START_US)).toBeNull();
  expect(log).toEqual(["mined 1", "store 1", "tip 1", "mine on 1", "send 0+1 announce"]);
  expect(host.sealed(template, 7n, START_US)).toBeNull();
  expect(log).toHaveLength(5);
});

test("a nonce that does not seal is told to the miner and to nobody else", () => {
  const { host, log } = aHost(aTree({ seal: "hash", initialCompactTarget: 0x03000001 }));
  expect(host.sealed(host.template(START_US), 7n, START_US)?.code).toBe("high-hash");
  expect(log).toEqual([]);
});

test("another's block is asked for, stored, reported, passed on", () => {
  const author = new BlockAuthor();
  const block = author.child(author.genesis);
  const tree = aTree();
  const { host, log } = aHost(tree);
  host.linkUp(0, START_US);
  host.linkUp(2, START_US);
  const entered = tree.enterHeader(block.header);
  if (!entered.ok) expect.fail("no header");
  host.deliver(0, entered.block.announcement, START_US);
  tree.attachBody(entered.block, block.transactions ?? []);
  host.deliver(0, makeBlockMessage("block", entered.block, 0), START_US);
  expect(log).toEqual([
    "send 0 request",
    "wake at 10000000",
    "wake at Infinity",
    "store 1",
    "received 1",
    "tip 1",
    "mine on 1",
    "send 0+100 announce",
  ]);
});

test("a restarted host stands on what was stored, mines there, and stores nothing again", () => {
  const author = new BlockAuthor();
  const blocks = author.chain(author.genesis, 3);
  const { host, log } = aHost(author.tree);
  restoreChain(host.machine, found(blocks), START_US);
  host.start();
  expect(log).toEqual(["mine on 3"]);
  expect(host.machine.tip).toBe(blocks[2]);
  expect(host.template(START_US).header.height).toBe(4);
});

test("a stored block that is not valid is told of, because it is a bug or a broken disk", () => {
  const author = new BlockAuthor();
  const { host } = aHost(author.tree);
  const greedy = author.greedyChild(author.genesis);
  expect(restoreChain(host.machine, found([greedy]), START_US).broken).toMatchObject({
    hash: greedy.hash,
    violation: { code: "bad-coinbase" },
  });
});

test("a message that breaks a rule before the protocol sees it is reported and ends the link", () => {
  const { host, log } = aHost(aTree());
  host.badMessage(3, "aa".repeat(32), { code: "bad-version", version: 9 }, START_US);
  expect(log).toEqual(["refused bad-version from 3", "disconnect 3 bad-version"]);
});

test("a peer that is too slow is told of to whoever keeps the links, and to whoever counts", () => {
  const author = new BlockAuthor();
  const block = author.child(author.genesis);
  const { host, log } = aHost(author.tree);
  for (const link of [0, 1]) {
    host.linkUp(link, START_US);
    host.deliver(link, block.announcement, START_US);
  }
  log.length = 0;
  host.wake(START_US + REQUEST_TIMEOUT_US);
  expect(log.slice(0, 4)).toEqual([
    "send 1 request",
    "wake at 20000000",
    "noticed peer-passed-over",
    "passed over 0",
  ]);
});

test("what a user submits is reported either way, and counts for the next sequence", () => {
  const tree = aTree();
  const { host, log } = aHost(tree);
  const facts = someFacts(tree.transactionContext);
  expect(host.nextSequenceOf(facts.tx.sender)).toBe(0);
  expect(host.submit(facts, START_US)).toBeNull();
  expect(host.submit(facts, START_US)?.code).toBe("already-known");
  expect(host.nextSequenceOf(facts.tx.sender)).toBe(1);
  expect(log).toEqual(["wake at 500000", "submitted well", "submitted already-known"]);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { BlockTree } from "../../../node/core/state/block-tree.ts";
import { type Message, makeBlockMessage, makeGetHeaders } from "../../../node/core/state/messages.ts";
import type { LatencyModel } from "../../../node/link/latency.ts";
import { FUNCTIONS } from "../../../test/sim/world.ts";
import { aChain } from "../../../test/support/chain-fixtures.ts";
import { unpackLink } from "./event-kinds.ts";
import { EventQueue } from "./event-queue.ts";
import { SimLinks } from "./sim-links.ts";
import { SimTransport } from "./sim-transport.ts";

interface Conditions {
  readonly latency?: LatencyModel;
  readonly nodeCount?: number;
  readonly lossRatio?: number;
  readonly uplinkBitsPerSec?: number | null;
  readonly blockPaddingBytes?: number;
}

const TEN_MS: LatencyModel = { kind: "constant", delayUs: 10_000 };

/** Node 0 has a link to each other; every other has one, to node 0. */
function makeStar(conditions: Conditions = {}) {
  const { latency = TEN_MS, nodeCount = 2, lossRatio = 0 } = conditions;
  const { uplinkBitsPerSec = null, blockPaddingBytes = 0 } = conditions;
  const queue = new EventQueue<Message>();
  const edges = Array.from({ length: nodeCount - 1 }, (_, index) => ({ a: 0, b: index + 1, latency }));
  const links = new SimLinks(nodeCount, edges, { seed: "star", lossRatio });
  const transport = new SimTransport(queue, nodeCount, links, { uplinkBitsPerSec, blockPaddingBytes });
  return { queue, links, transport };
}

interface Arrival {
  readonly atUs: number;
  readonly node: number;
  readonly link: number;
  readonly message: Message;
}

/** All that is under way, in order. */
function arrivalsOf({ queue }: ReturnType<typeof makeStar>): Arrival[] {
  const arrivals: Arrival[] = [];
  for (let slot = queue.take(1e15); slot !== -1; slot = queue.take(1e15))
    arrivals.push({
      atUs: queue.nowUs,
      node: queue.node(slot),
      link: unpackLink(queue.detail(slot)),
      message: queue.payload[slot] as Message,
    });
  return arrivals;
}

/** A message of its own draw; with many hashes it is longer than a packet. */
function aMessage(number: number, hashCount = 1): Message {
  const hash = FUNCTIONS.sha256(new TextEncoder().encode(`message ${number}`));
  return makeGetHeaders(new Array(hashCount).fill(hash));
}

const anyLatency: fc.Arbitrary<LatencyModel> = fc.oneof(
  fc.nat(100_000).map((delayUs): LatencyModel => ({ kind: "constant", delayUs })),
  fc.nat(100_000).map((maxUs): LatencyModel => ({ kind: "uniform", minUs: 0, maxUs })),
  fc.nat(100_000).map((meanUs): LatencyModel => ({ kind: "exponential", meanUs })),
  fc.constantFrom<LatencyModel>({ kind: "lognormal", medianUs: 40_000, sigma: 0.4 }),
);

test("messages of one link keep their order and come once, whatever delays, losses and uplinks do", () => {
  const sends = fc.array(fc.record({ afterUs: fc.nat(30_000), hashCount: fc.constantFrom(1, 10, 100) }), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(
      anyLatency,
      fc.constantFrom(0, 0.2, 0.8),
      fc.constantFrom(null, 100_000, 10_000_000),
      sends,
      (latency, lossRatio, uplinkBitsPerSec, messages) => {
        const star = makeStar({ latency, lossRatio, uplinkBitsPerSec });
        const sent = messages.map(({ afterUs, hashCount }, number) => {
          star.queue.nowUs += afterUs;
          const message = aMessage(number, hashCount);
          star.transport.send(0, 0, message);
          return { message, atUs: star.queue.nowUs };
        });
        star.queue.nowUs = 0;
        const arrivals = arrivalsOf(star);
        expect(arrivals.map(({ message }) => message)).toEqual(sent.map(({ message }) => message));
        for (const [index, { atUs }] of arrivals.entries())
          expect(atUs).toBeGreaterThanOrEqual(sent[index]?.atUs ?? 0);
      },
    ),
    { numRuns: 100, seed: 14 },
  );
});

test("a message reaches the other end of its link after the link's delay, in both directions", () => {
  const star = makeStar({ nodeCount: 3 });
  star.transport.send(0, 1, aMessage(1));
  star.transport.send(2, 0, aMessage(2));
  expect(arrivalsOf(star).map(({ atUs, node, link }) => [atUs, node, link])).toEqual([
    [10_000, 2, 0],
    [10_000, 0, 1],
  ]);
});

test("long messages leave an uplink one after the other, over all links; short ones slip in", () => {
  const star = makeStar({ nodeCount: 4, uplinkBitsPerSec: 1_000_000 });
  const long = [aMessage(1, 100), aMessage(2, 100), aMessage(3, 100)];
  const short = aMessage(4);
  long.forEach((message, link) => {
    star.transport.send(0, link, message);
  });
  star.transport.send(0, 0, short);
  const bitUs = 1;
  const longUs = (long[0] as Message).sizeBytes * 8 * bitUs;
  const shortUs = short.sizeBytes * 8 * bitUs;
  const atUs = (node: number, message: Message) =>
    arrivals.find((arrival) => arrival.node === node && arrival.message === message)?.atUs;
  const arrivals = arrivalsOf(star);
  expect(long.map((message, link) => atUs(link + 1, message))).toEqual(
    [1, 2, 3].map((turn) => turn * longUs + 10_000),
  );
  // It left at once, and still may not overtake the long one of its own link.
  expect(atUs(1, short)).toBe(longUs + 10_000);
  expect(shortUs).toBeLessThan(longUs);
});

test("an uplink that has been idle owes nothing, and one without limit takes no time", () => {
  const slow = makeStar({ uplinkBitsPerSec: 1_000_000 });
  const message = aMessage(1, 100);
  const durationUs = message.sizeBytes * 8;
  slow.transport.send(0, 0, message);
  slow.queue.nowUs = 10 * durationUs;
  slow.transport.send(0, 0, aMessage(2, 100));
  slow.transport.uplinkBitsPerSec[0] = Number.POSITIVE_INFINITY;
  slow.queue.nowUs = 20 * durationUs;
  slow.transport.send(0, 0, aMessage(3, 100));
  slow.queue.nowUs = 0;
  expect(arrivalsOf(slow).map(({ atUs }) => atUs - 10_000)).toEqual([
    durationUs,
    11 * durationUs,
    20 * durationUs,
  ]);
});

test("losses delay a share of the messages by whole timeouts and lose none", () => {
  const count = 4_000;
  const lossRatio = 0.3;
  const star = makeStar({ lossRatio });
  for (let number = 0; number < count; number++) {
    // Far enough apart that no message waits for the one before it.
    star.queue.nowUs = number * 100_000_000;
    star.transport.send(0, 0, aMessage(number));
  }
  star.queue.nowUs = 0;
  const extraUs = arrivalsOf(star).map(({ atUs }) => (atUs - 10_000) % 100_000_000);
  expect(extraUs.length).toBe(count);
  const byLosses = [0, 1, 2].map(
    (losses) => extraUs.filter((extra) => extra === 200_000 * (2 ** losses - 1)).length,
  );
  byLosses.forEach((seen, losses) => {
    const share = lossRatio ** losses * (1 - lossRatio);
    const standardError = Math.sqrt((share * (1 - share)) / count);
    expect(Math.abs(seen / count - share)).toBeLessThan(4 * standardError);
  });
});

test("a cut direction drops what is sent into it, the other goes on, and mending brings nothing back", () => {
  const star = makeStar();
  star.links.setCut(star.links.directionOf(0, 1), true);
  star.transport.send(0, 0, aMessage(1));
  star.transport.send(1, 0, aMessage(2));
  expect(star.links.isCut(star.links.directionOf(0, 1))).toBe(true);
  expect(star.links.isCut(star.links.directionOf(1, 0))).toBe(false);
  star.links.setCut(star.links.directionOf(0, 1), false);
  star.transport.send(0, 0, aMessage(3));
  expect(arrivalsOf(star).map(({ node, message }) => [node, message])).toEqual([
    [0, aMessage(2)],
    [1, aMessage(3)],
  ]);
});

test("a node that is down gets nothing; what is sent to it is counted", () => {
  const star = makeStar();
  star.transport.up[1] = 0;
  star.transport.send(0, 0, aMessage(1));
  expect(arrivalsOf(star)).toEqual([]);
  expect(star.transport.sentMessages[0]).toBe(1);
});

test("padding makes blocks larger, and nothing else", () => {
  const star = makeStar({ blockPaddingBytes: 5_000 });
  const tree = new BlockTree(aChain(), { viewCount: 2, linkCountMax: 1 }, FUNCTIONS);
  const block = makeBlockMessage("block", tree.genesis, 0);
  const { announcement } = tree.genesis;
  star.transport.send(0, 0, block);
  expect(star.transport.sentBytes[0]).toBe(block.sizeBytes + 5_000);
  star.transport.send(1, 0, announcement);
  expect(star.transport.sentBytes[1]).toBe(announcement.sizeBytes);
});

test("sending to many is sending to each, the lowest link first", () => {
  const latency: LatencyModel = { kind: "lognormal", medianUs: 40_000, sigma: 0.4 };
  const setting = { latency, nodeCount: 40, lossRatio: 0.2, uplinkBitsPerSec: 1_000_000 };
  const one = makeStar(setting);
  const many = makeStar(setting);
  const message = aMessage(1, 60);
  for (let link = 0; link < 32; link++)
    if (link % 3 === 0 || link === 31) one.transport.send(0, link, message);
  let bits = 1 << 31;
  for (let link = 0; link < 32; link += 3) bits |= 1 << link;
  many.transport.sendToMany(0, 0, bits, message);
  one.transport.send(0, 32, message);
  one.transport.send(0, 38, message);
  many.transport.sendToMany(0, 32, (1 << 0) | (1 << 6), message);
  expect(arrivalsOf(many)).toEqual(arrivalsOf(one));
  expect(many.transport.sentBytes[0]).toBe(one.transport.sentBytes[0]);
});

test("a message's delay follows from its link and itself: what else was sent does not matter", () => {
  const latency: LatencyModel = { kind: "uniform", minUs: 0, maxUs: 1_000_000 };
  const alone = makeStar({ latency });
  alone.transport.send(0, 0, aMessage(7));
  const [expected] = arrivalsOf(alone);
  const busy = makeStar({ latency, nodeCount: 9 });
  for (let number = 10; number < 50; number++)
    busy.transport.send(0, 1 + (number % 8) - 1 || 1, aMessage(number));
  busy.transport.send(0, 0, aMessage(7));
  expect(arrivalsOf(busy).find(({ node }) => node === 1)?.atUs).toBe(expected?.atUs);
});

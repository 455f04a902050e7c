import { expect, test } from "vitest";
import { LoneMachine } from "../../../test/support/lone-machine.ts";
import { ANNOUNCED, HELD, REQUESTED, WAITING } from "../state/belief-columns.ts";
import type { BlockEntry } from "../state/block-entry.ts";
import { REQUEST_TIMEOUT_US, WINDOW_COUNT } from "./download-limits.ts";
import { HEADERS_COUNT_MAX } from "./header-sync.ts";
import { ATTEMPT_COUNT_MAX } from "./in-flight.ts";
import { PACE_FIRST, PACE_MIN } from "./link-pace.ts";

function last(blocks: readonly BlockEntry[]): BlockEntry {
  return blocks.at(-1) as BlockEntry;
}

test("a view that is behind asks several peers at once, each for a share of the window", () => {
  const lone = new LoneMachine();
  const chain = lone.author.chain(lone.author.genesis, 400);
  lone.linkUp(0, 1, 2);
  for (const link of [0, 1, 2]) lone.announce(link, last(chain));
  for (const link of [0, 1, 2]) lone.headers(link, chain);
  const requests = lone.port.sent.filter(({ message }) => message.kind === "request");
  for (const link of [0, 1, 2])
    expect(requests.filter((request) => request.link === link)).toHaveLength(PACE_FIRST);
  const servers = lone.serve(chain);
  expect(new Set(servers.values())).toEqual(new Set([0, 1, 2]));
  lone.expectAtRest(last(chain));
});

/** How many bodies are asked for at once, each time, of a peer that takes so long for each. */
function questionsTo(peerTakesUs: number): number[] {
  const lone = new LoneMachine();
  const chain = lone.author.chain(lone.author.genesis, 1_000);
  lone.linkUp(0);
  lone.headers(0, chain);
  const counts = [lone.takeRequests().length];
  const askedAtUs = chain.map(() => lone.nowUs);
  for (const [at, block] of chain.entries()) {
    lone.nowUs = Math.max(lone.nowUs, (askedAtUs[at] as number) + peerTakesUs);
    lone.body(0, block);
    const requests = lone.takeRequests();
    for (const { hash } of requests) askedAtUs[chain.findIndex((each) => each.hash === hash)] = lone.nowUs;
    if (requests.length > 0) counts.push(requests.length);
  }
  lone.expectAtRest(last(chain));
  return counts;
}

test("a peer is asked for many bodies at once, when half of what it may have under way has come, and for more the faster it is", () => {
  const [ofFast, ofSlow] = [questionsTo(10_000), questionsTo(1_900_000)];
  expect(ofFast[0]).toBe(PACE_FIRST);
  expect(Math.max(...ofFast)).toBe(WINDOW_COUNT / 2);
  expect(Math.min(...ofFast.slice(0, -1))).toBeGreaterThan(PACE_MIN);
  expect(ofFast.length).toBeLessThan(25);
  expect(new Set(ofSlow.slice(2, -1))).toEqual(new Set([PACE_MIN / 2]));
});

test("whoever knows the target can serve all that leads to it, also when everything was asked for already", () => {
  const lone = new LoneMachine();
  const chain = lone.author.chain(lone.author.genesis, 10);
  lone.linkUp(0, 1);
  lone.headers(0, chain);
  lone.announce(1, last(chain));
  lone.takeRequests();
  lone.machine.linkDown(0, lone.nowUs);
  expect(lone.serve(chain).size).toBe(10);
  lone.expectAtRest(last(chain));
});

test("a peer that never answers costs one timeout, not one for each window", () => {
  const lone = new LoneMachine();
  const chain = lone.author.chain(lone.author.genesis, 600);
  lone.linkUp(0, 1);
  for (const link of [0, 1]) lone.headers(link, chain);
  const startedUs = lone.nowUs;
  lone.serve(chain, new Set([0]));
  lone.expectAtRest(last(chain));
  expect(lone.nowUs - startedUs).toBeLessThanOrEqual(2 * REQUEST_TIMEOUT_US);
});

test("a stalled peer is asked again when nobody else can help, and trusted again once it delivers", () => {
  const lone = new LoneMachine();
  const chain = lone.author.chain(lone.author.genesis, 200);
  lone.linkUp(0);
  lone.headers(0, chain);
  lone.takeRequests();
  lone.passUs(REQUEST_TIMEOUT_US);
  lone.serve(chain);
  lone.expectAtRest(last(chain));
});

test("a body that nobody delivers is given up after so many requests, and fetched when it is announced again", () => {
  const lone = new LoneMachine();
  const block = lone.author.child(lone.author.genesis);
  lone.linkUp(0, 1);
  lone.announce(0, block);
  lone.announce(1, block);
  lone.passUs(REQUEST_TIMEOUT_US * (ATTEMPT_COUNT_MAX + 1));
  const requests = lone.takeRequests();
  expect(requests.map(({ attempt }) => attempt)).toEqual(
    Array.from({ length: ATTEMPT_COUNT_MAX }, (_, attempt) => attempt),
  );
  expect(requests.map(({ link }) => link)).toEqual([0, 1, 0, 1, 0, 1, 0, 1]);
  expect(lone.status(block)).toBe(ANNOUNCED);
  lone.expectAtRest(lone.author.genesis);
  expect(lone.port.wakeAtUs).toBeNull();
  lone.announce(1, block);
  lone.serve([block]);
  lone.expectAtRest(block);
});

test("a peer that says not-found is not asked for the block again at once; the others are", () => {
  const lone = new LoneMachine();
  const block = lone.author.child(lone.author.genesis);
  lone.linkUp(0, 1);
  lone.announce(0, block);
  lone.announce(1, block);
  lone.notFound(0, block);
  lone.notFound(1, block, 1);
  lone.notFound(0, block, 2);
  expect(lone.takeRequests().map(({ link }) => link)).toEqual([0, 1, 0, 1]);

  const alone = new LoneMachine();
  const other = alone.author.child(alone.author.genesis);
  alone.linkUp(0);
  alone.announce(0, other);
  alone.notFound(0, other);
  expect(alone.takeRequests()).toHaveLength(1);
  alone.expectAtRest(alone.author.genesis);
  alone.announce(0, other);
  alone.serve([other]);
  alone.expectAtRest(other);
});

test("a peer that holds all but one block of its chain is not asked without end", () => {
  const lone = new LoneMachine();
  const chain = lone.author.chain(lone.author.genesis, 150);
  lone.linkUp(0);
  lone.headers(0, chain);
  const all = lone.serve(chain.filter((_, index) => index !== 5));
  lone.expectAtRest(chain[4] as BlockEntry);
  expect(all.size).toBeLessThan(150);
  lone.headers(0, chain);
  lone.serve(chain);
  lone.expectAtRest(last(chain));
});

test("a link that goes down hands its requests to others, or the blocks wait for an announcement", () => {
  const lone = new LoneMachine();
  const chain = lone.author.chain(lone.author.genesis, 80);
  lone.linkUp(0, 1);
  lone.headers(0, chain);
  lone.headers(1, chain.slice(0, 40));
  lone.machine.linkDown(0, lone.nowUs);
  lone.serve(chain);
  // Beyond what the other peer knows nobody can help any more.
  expect(lone.machine.tip.header.height).toBe(40);
  lone.expectAtRest(chain[39] as BlockEntry);
  lone.announce(1, last(chain));
  lone.serve(chain);
  lone.expectAtRest(last(chain));
});

test("a better chain that nobody serves any more does not keep out a lesser one that somebody does", () => {
  const lone = new LoneMachine();
  const great = lone.author.chain(lone.author.genesis, 300);
  const lesser = lone.author.chain(lone.author.genesis, 5);
  lone.linkUp(0, 1);
  lone.headers(0, great);
  lone.machine.linkDown(0, lone.nowUs);
  lone.headers(1, lesser);
  lone.serve(lesser);
  lone.expectAtRest(last(lesser));
});

test("a request that fails on one branch does not end the catching up on another", () => {
  const lone = new LoneMachine();
  const side = lone.author.child(lone.author.genesis);
  const chain = lone.author.chain(lone.author.genesis, 200);
  lone.linkUp(0, 1);
  lone.announce(1, side);
  lone.headers(0, chain);
  lone.notFound(1, side);
  lone.serve(chain);
  lone.expectAtRest(last(chain));
});

test("bodies that come in the worst order are all used", () => {
  const lone = new LoneMachine();
  const chain = lone.author.chain(lone.author.genesis, WINDOW_COUNT);
  lone.linkUp(0);
  lone.headers(0, chain);
  for (const block of chain.toReversed()) lone.body(0, block);
  lone.expectAtRest(last(chain));
  expect(lone.port.tips).toHaveLength(1);
});

test("bodies that come unasked and without their parents fill no more than a window, and do not keep out the parents", () => {
  const lone = new LoneMachine();
  const chain = lone.author.chain(lone.author.genesis, 2 * WINDOW_COUNT);
  lone.linkUp(0, 1);
  lone.headers(1, chain);
  for (const block of chain.slice(1).toReversed()) {
    lone.body(0, block);
    expect(lone.machine.unfinished.waitingCount).toBeLessThanOrEqual(WINDOW_COUNT);
  }
  expect(lone.machine.unfinished.waitingCount).toBe(WINDOW_COUNT);
  lone.serve(chain);
  lone.expectAtRest(last(chain));
});

test("an orphan on a branch that is not wanted is let go", () => {
  const lone = new LoneMachine();
  const main = lone.author.chain(lone.author.genesis, 5);
  const branch = lone.author.chain(lone.author.genesis, 3);
  lone.linkUp(0, 1);
  lone.headers(0, main);
  lone.serve(main);
  lone.headers(1, branch);
  lone.body(1, last(branch));
  expect(lone.status(last(branch))).toBe(ANNOUNCED);
  lone.expectAtRest(last(main));
});

test("orphans of a chain that is overtaken are let go when the view aims elsewhere", () => {
  const lone = new LoneMachine();
  const first = lone.author.chain(lone.author.genesis, 10);
  const better = lone.author.chain(lone.author.genesis, 12);
  lone.linkUp(0, 1);
  lone.headers(0, first);
  lone.body(0, first[5] as BlockEntry);
  expect(lone.status(first[5] as BlockEntry)).toBe(WAITING);
  lone.headers(1, better);
  expect(lone.status(first[5] as BlockEntry)).toBe(ANNOUNCED);
  // What is still under way for the old aim arrives, and is of no use.
  lone.body(0, first[7] as BlockEntry);
  expect(lone.status(first[7] as BlockEntry)).toBe(ANNOUNCED);
  lone.serve([...first, ...better]);
  lone.expectAtRest(last(better));
});

test("an orphan whose parent is given up waits as long as something is under way, and no longer", () => {
  const lone = new LoneMachine();
  const [parent, orphan] = lone.author.chain(lone.author.genesis, 2) as [BlockEntry, BlockEntry];
  const other = lone.author.child(lone.author.genesis);
  lone.linkUp(0, 1);
  lone.headers(0, [parent, orphan]);
  lone.body(0, orphan);
  lone.announce(1, other);
  lone.notFound(0, parent);
  expect([lone.status(orphan), lone.status(other)]).toEqual([WAITING, REQUESTED]);
  lone.body(1, other);
  expect([lone.status(orphan), lone.status(other)]).toEqual([ANNOUNCED, HELD]);
  lone.expectAtRest(other);
  lone.announce(0, orphan);
  lone.serve([parent, orphan]);
  lone.expectAtRest(orphan);
});

test("a flood of rival blocks makes no more requests than the window has room", () => {
  const lone = new LoneMachine();
  lone.linkUp(0);
  for (let count = 0; count < 2 * WINDOW_COUNT; count++)
    lone.announce(0, lone.author.child(lone.author.genesis));
  expect(lone.takeRequests().length).toBeLessThanOrEqual(WINDOW_COUNT + 1);
  lone.machine.linkDown(0, lone.nowUs);
  lone.expectAtRest(lone.author.genesis);
});

test("a branch of more headers than one answer holds is learnt although its first answer has less work than the tip", () => {
  const lone = new LoneMachine();
  const main = lone.author.chain(lone.author.genesis, HEADERS_COUNT_MAX + 10);
  const branch = lone.author.chain(lone.author.genesis, HEADERS_COUNT_MAX + 20);
  lone.linkUp(0, 1);
  lone.headers(0, main.slice(0, HEADERS_COUNT_MAX));
  lone.headers(0, main.slice(HEADERS_COUNT_MAX));
  lone.serve(main);
  lone.announce(1, last(branch));
  lone.port.take();
  lone.headers(1, branch.slice(0, HEADERS_COUNT_MAX));
  const [question] = lone.port.take();
  // From where the answer ended; from the tip the same answer would come again, for ever.
  expect(question?.message.kind === "get-headers" && question.message.locator[0]).toBe(
    branch[HEADERS_COUNT_MAX - 1]?.hash,
  );
  lone.headers(1, branch.slice(HEADERS_COUNT_MAX));
  lone.serve(branch);
  lone.expectAtRest(last(branch));
});

test("headers that connect to nothing are asked about once, not for every answer", () => {
  const lone = new LoneMachine();
  const chain = lone.author.chain(lone.author.genesis, 5);
  lone.linkUp(0);
  for (let count = 0; count < 5; count++) lone.headers(0, chain.slice(2));
  expect(lone.port.take().map(({ message }) => message.kind)).toEqual(["get-headers"]);
  lone.headers(0, chain);
  lone.serve(chain);
  lone.expectAtRest(last(chain));
});

test("a chain that was passed over for a better one is fetched when the better one is given up, without a word from its peer", () => {
  for (const fail of ["gone", "not-found", "silent", "invalid"] as const) {
    const lone = new LoneMachine();
    const bad = lone.author.greedyChild(lone.author.genesis);
    const great = [bad, ...lone.author.chain(bad, 9)];
    const lesser = lone.author.chain(lone.author.genesis, 5);
    lone.linkUp(0, 1);
    lone.headers(0, great);
    lone.headers(1, lesser);
    if (fail === "gone") lone.machine.linkDown(0, lone.nowUs);
    const known = fail === "invalid" ? [...great, ...lesser] : lesser;
    lone.serve(known, new Set(fail === "silent" ? [0] : []));
    lone.expectAtRest(last(lesser));
  }
});

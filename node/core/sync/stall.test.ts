import { expect, test } from "vitest";
import { LoneMachine } from "../../../test/support/lone-machine.ts";
import type { BlockEntry } from "../state/block-entry.ts";
import { REQUEST_TIMEOUT_US } from "./download-limits.ts";
import { STALL_TIMEOUT_US, STALL_WAITING_COUNT } from "./stall.ts";

const SLOW = 0;
const OTHERS = [1, 2, 3];

/** A machine that is far behind, whose peers all know the way; and what it asked the slow one for. */
function behind(count = 200) {
  const lone = new LoneMachine();
  lone.linkUp(SLOW, ...OTHERS);
  const chain = lone.author.chain(lone.author.genesis, count);
  for (const link of [SLOW, ...OTHERS]) lone.headers(link, chain);
  return { lone, chain, byHash: new Map(chain.map((block) => [block.hash, block])) };
}

/** The others bring at once whatever they are asked for; gives what the slow one was asked for. */
function serveOthers(lone: LoneMachine, byHash: ReadonlyMap<string, BlockEntry>): string[] {
  const left: string[] = [];
  for (let asked = lone.takeRequests(); asked.length > 0; asked = lone.takeRequests())
    for (const { link, hash } of asked) {
      if (link === SLOW) left.push(hash);
      else lone.body(link, byHash.get(hash) as BlockEntry);
    }
  return left;
}

function passedOver(lone: LoneMachine): number {
  return lone.port.notices.filter(({ kind }) => kind === "peer-passed-over").length;
}

test("a peer that holds up a full window is passed over after two seconds, and what it owes is asked of others", () => {
  const { lone, chain, byHash } = behind();
  const owed = serveOthers(lone, byHash);
  expect(owed.length).toBeGreaterThan(0);
  expect(lone.machine.unfinished.waitingCount).toBeGreaterThanOrEqual(STALL_WAITING_COUNT);
  lone.passUs(STALL_TIMEOUT_US - 1);
  expect(lone.takeRequests()).toEqual([]);
  lone.passUs(1);
  serveOthers(lone, byHash);
  lone.expectAtRest(chain.at(-1) as BlockEntry);
  expect(lone.port.notices[0]).toEqual({ kind: "peer-passed-over", link: SLOW });
});

test("nobody is passed over where few bodies wait, or when there is nobody else to ask", () => {
  const { lone, byHash } = behind(STALL_WAITING_COUNT);
  serveOthers(lone, byHash);
  lone.passUs(2 * STALL_TIMEOUT_US);
  expect(passedOver(lone)).toBe(0);

  const alone = new LoneMachine();
  alone.linkUp(SLOW);
  const chain = alone.author.chain(alone.author.genesis, 100);
  alone.headers(SLOW, chain);
  for (const block of chain.slice(1, 60)) alone.body(SLOW, block);
  alone.passUs(2 * STALL_TIMEOUT_US);
  expect(passedOver(alone)).toBe(0);
});

test("so is a peer that lets a request run out of time when another can serve, and not when it is alone", () => {
  for (const links of [[SLOW, 1], [SLOW]]) {
    const lone = new LoneMachine();
    lone.linkUp(...links);
    const block = lone.author.child(lone.author.genesis);
    for (const link of links) lone.announce(link, block);
    lone.passUs(REQUEST_TIMEOUT_US - 1);
    expect(passedOver(lone)).toBe(0);
    lone.passUs(1);
    expect(passedOver(lone)).toBe(links.length - 1);
  }
});

test("a peer that drips one body in nine seconds costs a catch-up seconds, not minutes", () => {
  const { lone, chain, byHash } = behind(600);
  const startUs = lone.nowUs;
  for (let dripped = 0; lone.machine.tip.hash !== chain.at(-1)?.hash; dripped++) {
    const owed = serveOthers(lone, byHash);
    lone.passUs(STALL_TIMEOUT_US);
    const drop = owed[0];
    if (drop !== undefined && dripped % 4 === 3) lone.body(SLOW, byHash.get(drop) as BlockEntry);
    expect(dripped).toBeLessThan(100);
  }
  expect(lone.nowUs - startUs).toBeLessThan(12 * STALL_TIMEOUT_US);
});

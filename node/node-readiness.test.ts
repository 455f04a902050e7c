import { expect, test } from "vitest";
import { BlockAuthor } from "../test/support/mined-blocks.ts";
import type { BlockEntry } from "./core/state/block-entry.ts";
import { readinessOf } from "./node-readiness.ts";
import type { PeerView } from "./ports/peer-directory.ts";

const author = new BlockAuthor();
const blocks = [author.genesis, ...author.chain(author.genesis, 4)];
const at = (height: number) => blocks[height] as BlockEntry;

function peersThat(...ups: boolean[]): { list: () => PeerView[] } {
  const link = {
    name: null,
    url: "http://x",
    link: null,
    tip: null,
    sentMessages: 0,
    sentBytes: 0,
    passedOver: 0,
    lastFailure: null,
    lastStatus: null,
  };
  return { list: () => ups.map((up) => ({ ...link, up })) };
}

const codes = (tip: number, target: number, ups: boolean[], isBehind = false) =>
  readinessOf({ tip: at(tip), target: at(target) }, peersThat(...ups), { isBehind }, 0).reasons.map(
    ({ code }) => code,
  );

test("a node that is alone, or linked and at the end of the best chain it knows, is ready", () => {
  expect(codes(4, 4, [])).toEqual([]);
  expect(codes(4, 4, [false, true])).toEqual([]);
});

test("one block ahead is how every block comes; two are a chain to catch up with", () => {
  expect(codes(3, 4, [true])).toEqual([]);
  expect(codes(2, 4, [true])).toEqual(["catching-up"]);
});

test("a higher chain of no more work is none to catch up with", () => {
  const weaker = { ...at(4), chainWork: at(1).chainWork, header: at(4).header } as BlockEntry;
  expect(readinessOf({ tip: at(1), target: weaker }, peersThat(), { isBehind: false }, 0).reasons).toEqual(
    [],
  );
});

test("peers that are known and none of them linked, and blocks that are not looked through, are reasons of their own", () => {
  expect(codes(4, 4, [false, false], true)).toEqual(["no-peers", "indexing"]);
});

test("the age of the tip is told, by the node's clock, and is no reason", () => {
  const { timeMs } = at(4).header;
  const state = readinessOf(
    { tip: at(4), target: at(4) },
    peersThat(),
    { isBehind: false },
    (timeMs + 90_000_000) * 1_000,
  );
  expect(state).toMatchObject({ reasons: [], tipAgeSec: 90_000, height: 4, peers: { count: 0, up: 0 } });
});

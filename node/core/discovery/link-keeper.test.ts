import { expect, test } from "vitest";
import { Prng } from "../support/prng.ts";
import { KnownNodes } from "./known-nodes.ts";
import { DIAL_PATIENCE_US, LinkKeeper, LOST_PATIENCE_US, SLOW_RETRY_US } from "./link-keeper.ts";
import { entryOfOrigin, entryOrigin, type NodeEntry } from "./node-entry.ts";
import { REPLACEMENT_WAIT_US_MIN } from "./replacement-pace.ts";

function aNode(number: number): NodeEntry {
  return { ip_address: `10.0.0.${number}`, port: 5_000 };
}

function setUp(count: number, limit: number) {
  const nodes = new KnownNodes({ countMax: 100, retryUs: 60 });
  for (let number = 1; number <= count; number += 1) {
    nodes.introduce(aNode(number), 0);
    nodes.answered(aNode(number));
  }
  return { nodes, keeper: new LinkKeeper(nodes, limit, new Prng("1")) };
}

const NOBODY = new Set<string>();
const originOf = ({ entry }: { entry: NodeEntry }) => entryOrigin(entry);

test("as many are dialled as the limit says, and not again while they are tried", () => {
  const { keeper } = setUp(10, 3);
  expect(keeper.tend(NOBODY, 0).map(({ type }) => type)).toEqual(["dial", "dial", "dial"]);
  expect(keeper.tend(NOBODY, 1)).toEqual([]);
});

test("links that others opened do not count, and are not opened twice", () => {
  const { keeper } = setUp(5, 3);
  const linked = new Set([aNode(1), aNode(2)].map(entryOrigin));
  const dialled = keeper.tend(linked, 0).map(originOf);
  expect(dialled.sort()).toEqual([aNode(3), aNode(4), aNode(5)].map(entryOrigin));
});

test("who never answered is not dialled", () => {
  const { nodes, keeper } = setUp(0, 3);
  nodes.introduce(aNode(1), 0);
  expect(keeper.tend(NOBODY, 0)).toEqual([]);
});

test("one that gives no link is given up for another, and left alone for longer each time", () => {
  const { keeper } = setUp(1, 1);
  expect(keeper.tend(NOBODY, 0)).toEqual([{ type: "dial", entry: aNode(1) }]);
  expect(keeper.tend(NOBODY, DIAL_PATIENCE_US)).toEqual([
    { type: "release", entry: aNode(1), reason: "lost" },
  ]);
  const dialledAtSec: number[] = [];
  for (let sec = 10; sec < 400; sec += 1)
    for (const { type } of keeper.tend(NOBODY, sec * 1_000_000)) if (type === "dial") dialledAtSec.push(sec);
  expect(dialledAtSec).toEqual([40, 110, 240]);
});

test("a link that is lost is waited for, then replaced", () => {
  const { keeper } = setUp(2, 1);
  const [first] = keeper.tend(NOBODY, 0);
  const linked = new Set(first === undefined ? [] : [originOf(first)]);
  expect(keeper.tend(linked, 1)).toEqual([]);
  expect(keeper.tend(NOBODY, 2)).toEqual([]);
  const effects = keeper.tend(NOBODY, 2 + LOST_PATIENCE_US);
  expect(effects.map(({ type }) => type)).toEqual(["release", "dial"]);
  expect(effects[1]?.entry).not.toEqual(first?.entry);
});

test("an exchange gives up one link for one that was not held; with nothing to gain it does nothing", () => {
  const { keeper } = setUp(5, 3);
  const dialled = keeper.tend(NOBODY, 0).map(originOf);
  const linked = new Set(dialled);
  keeper.tend(linked, 1);
  const [released, taken, ...rest] = keeper.rotate(linked, 2);
  expect(rest).toEqual([]);
  expect([released?.type, taken?.type]).toEqual(["release", "dial"]);
  expect(linked.has(released === undefined ? "" : originOf(released))).toBe(true);
  expect(linked.has(taken === undefined ? "" : originOf(taken))).toBe(false);
  const { keeper: small } = setUp(3, 3);
  const all = new Set(small.tend(NOBODY, 0).map(originOf));
  small.tend(all, 1);
  expect(small.rotate(all, 2)).toEqual([]);
  // A registry links with nobody.
  expect(setUp(3, 0).keeper.rotate(NOBODY, 0)).toEqual([]);
});

/** A keeper of two links among `count` nodes, both up, and a third that the peer opened. */
function linkedKeeper(count: number) {
  const { nodes, keeper } = setUp(count, 2);
  const chosen = keeper.tend(NOBODY, 0).map(originOf);
  const incoming = nodes.listed.map(entryOrigin).find((origin) => !chosen.includes(origin)) ?? "";
  const linked = new Set([...chosen, incoming]);
  expect(keeper.tend(linked, 1)).toEqual([]);
  return { keeper, chosen: chosen as [string, string], incoming, linked };
}

test("a slow peer is given up for a node that is not linked, and is not chosen again for a minute", () => {
  const { keeper, chosen, linked } = linkedKeeper(4);
  const [slow] = chosen;
  const effects = keeper.replaceSlow(new Set([slow]), linked, 2);
  expect(effects).toEqual([
    { type: "release", entry: entryOfOrigin(slow), reason: "slow" },
    { type: "dial", entry: expect.anything() },
  ]);
  const taken = effects[1] === undefined ? "" : originOf(effects[1]);
  expect(linked.has(taken)).toBe(false);
  linked.delete(slow);
  const others = new Set([...linked, taken]);
  expect(keeper.tend(others, 3)).toEqual([]);
  // One of its links is lost: nobody is left to dial but the slow one, when its time is over.
  others.delete(taken);
  const dialled = (nowUs: number) => keeper.tend(others, nowUs).filter(({ type }) => type === "dial");
  expect(dialled(4)).toEqual([]);
  expect(dialled(4 + LOST_PATIENCE_US)).toEqual([]);
  expect(dialled(2 + SLOW_RETRY_US).map(originOf)).toEqual([slow]);
});

test("one that had opened its link itself is replaced as well, beyond the limit, which the next exchange takes back", () => {
  const { keeper, chosen, incoming, linked } = linkedKeeper(6);
  const [released, dialled] = keeper.replaceSlow(new Set([incoming]), linked, 2);
  expect(released).toEqual({ type: "release", entry: entryOfOrigin(incoming), reason: "slow" });
  const up = new Set([...chosen, dialled === undefined ? "" : originOf(dialled)]);
  expect(keeper.tend(up, 3)).toEqual([]);
  expect(keeper.rotate(up, 4).map(({ type }) => type)).toEqual(["release"]);
});

test("a slow peer stays where nobody can take its place, and where all are slow", () => {
  const small = linkedKeeper(3);
  expect(small.keeper.replaceSlow(new Set([small.chosen[0]]), small.linked, 2)).toEqual([]);
  const { keeper, linked } = linkedKeeper(5);
  expect(keeper.replaceSlow(linked, linked, 2)).toEqual([]);
  // And one that is not linked any more is no longer slow.
  expect(keeper.replaceSlow(new Set(["http://10.0.0.99:5000"]), linked, 2)).toEqual([]);
});

test("slow peers are replaced one after the other, not at once", () => {
  const { keeper, chosen, linked } = linkedKeeper(9);
  const slow = new Set(chosen);
  expect(keeper.replaceSlow(slow, linked, 2)).toHaveLength(2);
  expect(keeper.replaceSlow(slow, linked, 3)).toEqual([]);
  expect(keeper.replaceSlow(slow, linked, 2 + REPLACEMENT_WAIT_US_MIN)).toHaveLength(2);
});

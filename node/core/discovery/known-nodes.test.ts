import fc from "fast-check";
import { expect, test } from "vitest";
import { FAILURE_COUNT_MAX, KnownNodes } from "./known-nodes.ts";
import type { NodeEntry } from "./node-entry.ts";

const SELF = aNode(0);
const RETRY_US = 60;

function aNode(number: number): NodeEntry {
  return { ip_address: `10.0.0.${1 + number}`, port: 5_000 };
}

function knownNodes(countMax = 4): KnownNodes {
  const nodes = new KnownNodes({ countMax, retryUs: RETRY_US });
  nodes.addOwn(SELF);
  return nodes;
}

test("who introduces itself is listed at once, and once", () => {
  const nodes = knownNodes();
  expect(nodes.introduce(aNode(1), 0)).toBe(true);
  expect(nodes.introduce(aNode(1), 5)).toBe(true);
  expect(nodes.listed).toEqual([aNode(1)]);
});

test("who is only told of is asked first, and told on when it answered", () => {
  const nodes = knownNodes();
  expect(nodes.hear(aNode(1), 10)).toBe(true);
  expect(nodes.hear(aNode(1), 10)).toBe(false);
  expect(nodes.listed).toEqual([]);
  expect(nodes.due(10)).toEqual([aNode(1)]);
  nodes.answered(aNode(1));
  expect(nodes.listed).toEqual([aNode(1)]);
});

test("a node never knows itself, under any of its addresses", () => {
  const nodes = knownNodes();
  expect(nodes.introduce(SELF, 0)).toBe(false);
  nodes.hear(aNode(1), 0);
  nodes.addOwn(aNode(1));
  expect(nodes.hear(aNode(1), 0)).toBe(false);
  expect(nodes.due(1_000)).toEqual([]);
});

test("who fails leaves the list at once, is asked again after waits that double, and is forgotten in the end", () => {
  const nodes = knownNodes();
  nodes.introduce(aNode(1), 0);
  let nowUs = 0;
  for (let failure = 1; failure < FAILURE_COUNT_MAX; failure += 1) {
    nodes.failed(aNode(1), nowUs);
    expect(nodes.listed).toEqual([]);
    const waitUs = RETRY_US * 2 ** (failure - 1);
    expect(nodes.due(nowUs + waitUs - 1)).toEqual([]);
    expect(nodes.due(nowUs + waitUs)).toEqual([aNode(1)]);
    // Others go on telling of it: that changes nothing.
    expect(nodes.hear(aNode(1), nowUs)).toBe(false);
    nowUs += waitUs;
  }
  nodes.failed(aNode(1), nowUs);
  expect(nodes.find(aNode(1))).toBeNull();
});

test("an answer wipes failures out; an introduction does not, for it proves nothing", () => {
  const nodes = knownNodes();
  nodes.introduce(aNode(1), 0);
  nodes.failed(aNode(1), 0);
  nodes.introduce(aNode(1), 1);
  expect(nodes.listed).toEqual([aNode(1)]);
  expect(nodes.find(aNode(1))?.failureCount).toBe(1);
  nodes.answered(aNode(1));
  expect(nodes.find(aNode(1))?.failureCount).toBe(0);
});

test("invented nodes give way to others and never drive out who answered", () => {
  const nodes = knownNodes(3);
  nodes.introduce(aNode(1), 0);
  nodes.answered(aNode(1));
  for (let number = 2; number < 50; number += 1) expect(nodes.introduce(aNode(number), 0)).toBe(true);
  expect(nodes.listed).toEqual([aNode(1), aNode(48), aNode(49)]);
  expect(nodes.hear(aNode(60), 0)).toBe(false);
  for (const entry of nodes.listed) nodes.answered(entry);
  expect(nodes.introduce(aNode(61), 0)).toBe(false);
});

test("whatever happens, the list is bounded, without itself and without doubles, and its version moves with it", () => {
  const step = fc.record({
    what: fc.constantFrom("introduce", "hear", "answered", "failed", "remove", "addOwn"),
    number: fc.nat(8),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const nodes = knownNodes();
      const own = new Set([SELF.ip_address]);
      let ownCount = 1;
      for (const [nowUs, { what, number }] of steps.entries()) {
        const before = { version: nodes.version, listed: nodes.listed };
        if (what === "introduce" || what === "hear") nodes[what](aNode(number), nowUs);
        else if (what === "failed") nodes.failed(aNode(number), nowUs);
        else if (what === "answered" || what === "remove") nodes[what](aNode(number));
        else if (ownCount < 3) {
          ownCount += 1;
          nodes.addOwn(aNode(number));
          own.add(aNode(number).ip_address);
        }
        const listed = nodes.listed;
        expect(listed.length).toBeLessThanOrEqual(4);
        expect(new Set(listed.map(({ ip_address }) => ip_address)).size).toBe(listed.length);
        expect(listed.some(({ ip_address }) => own.has(ip_address))).toBe(false);
        const isSame = JSON.stringify(listed) === JSON.stringify(before.listed);
        if (!isSame) expect(nodes.version).toBeGreaterThan(before.version);
      }
    }),
  );
});

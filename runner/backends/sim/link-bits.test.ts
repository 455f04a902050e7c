import fc from "fast-check";
import { expect, test } from "vitest";
import { LinkBits } from "./link-bits.ts";

test("each node has a set of its own, of as many links as there may be", () => {
  const change = fc.record({ node: fc.nat(2), link: fc.nat(99), add: fc.boolean() });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 100 }), (changes) => {
      const bits = new LinkBits(3, 100);
      const sets = [new Set<number>(), new Set<number>(), new Set<number>()];
      for (const { node, link, add } of changes) {
        if (add) bits.add(node, link);
        else bits.remove(node, link);
        if (add) sets[node]?.add(link);
        else sets[node]?.delete(link);
      }
      for (const [node, set] of sets.entries()) {
        for (let link = 0; link < 100; link++) expect(bits.has(node, link)).toBe(set.has(link));
        expect(bits.first(node)).toBe(set.size === 0 ? -1 : Math.min(...set));
      }
    }),
    { seed: 15 },
  );
});

test("links of one word are added together, beside those that are there", () => {
  const bits = new LinkBits(2, 64);
  bits.add(1, 33);
  bits.addWord(1, 1, (1 << 31) | 1);
  expect(Array.from({ length: 64 }, (_, link) => link).filter((link) => bits.has(1, link))).toEqual([
    32, 33, 63,
  ]);
  expect(bits.first(0)).toBe(-1);
});

test("a node of a network without links has none", () => {
  expect(new LinkBits(1, 0).first(0)).toBe(-1);
});

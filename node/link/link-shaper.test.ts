import { expect, test } from "vitest";
import { keyedUniform, streamSeed } from "../core/support/prng.ts";
import { drawLatencyUs, type LatencyModel } from "./latency.ts";
import { conditionTowards, mergeLinkConditions, PLAIN_LINKS } from "./link-conditions.ts";
import { LATENCY_SALT, LinkShaper, Uplink } from "./link-shaper.ts";

const lognormal: LatencyModel = { kind: "lognormal", medianUs: 50_000, sigma: 0.4 };
const plain = { latency: lognormal, lossRatio: 0, cut: false };

test("a message takes the delay that its link and key draw, whatever was sent before", () => {
  const alone = new LinkShaper(new Uplink(null), plain, "seed", "a", "b");
  const expected = drawLatencyUs(
    lognormal,
    keyedUniform(streamSeed("seed", "link a>b"), 4_711, LATENCY_SALT),
  );
  expect(alone.arrivalUs(0, 4_711, 100)).toBe(expected);
  const busy = new LinkShaper(new Uplink(null), plain, "seed", "a", "b");
  for (let key = 0; key < 10; key += 1) busy.arrivalUs(0, key, 100);
  // A second later nothing of before is on its way, so that order adds nothing.
  expect(busy.arrivalUs(1_000_000, 4_711, 100)).toBe(1_000_000 + expected);
});

test("messages of one link never overtake one another", () => {
  const shaper = new LinkShaper(new Uplink(null), { ...plain, lossRatio: 0.2 }, "seed", "a", "b");
  const arrivals = Array.from({ length: 500 }, (_, index) => shaper.arrivalUs(index * 100, index, 200) ?? 0);
  expect(arrivals).toEqual(arrivals.toSorted((a, b) => a - b));
});

test("the two directions of a link draw apart", () => {
  const there = new LinkShaper(new Uplink(null), plain, "seed", "a", "b");
  const back = new LinkShaper(new Uplink(null), plain, "seed", "b", "a");
  expect(there.arrivalUs(0, 1, 1)).not.toBe(back.arrivalUs(0, 1, 1));
});

test("links of a node share its uplink: large messages wait for one another", () => {
  const uplink = new Uplink(8_000_000);
  const still = { latency: { kind: "constant", delayUs: 0 }, lossRatio: 0, cut: false } as const;
  const one = new LinkShaper(uplink, still, "seed", "a", "b");
  const two = new LinkShaper(uplink, still, "seed", "a", "c");
  expect(one.arrivalUs(0, 1, 1_000_000)).toBe(1_000_000);
  expect(two.arrivalUs(0, 1, 1_000_000)).toBe(2_000_000);
});

test("a cut link loses what it is handed", () => {
  const shaper = new LinkShaper(new Uplink(null), { ...plain, cut: true }, "seed", "a", "b");
  expect(shaper.arrivalUs(0, 1, 1)).toBeNull();
});

test("a change of conditions merges by name and leaves the rest as it is", () => {
  const cut = mergeLinkConditions(PLAIN_LINKS, { links: { b: { cut: true } }, uplinkBitsPerSec: 5 });
  expect(conditionTowards(cut, "b")).toEqual({ ...PLAIN_LINKS.default, cut: true });
  expect(conditionTowards(cut, "toString")).toEqual(PLAIN_LINKS.default);
  const slow = mergeLinkConditions(cut, { links: { b: { lossRatio: 0.1 } } });
  expect(slow).toMatchObject({ links: { b: { cut: true, lossRatio: 0.1 } }, uplinkBitsPerSec: 5 });
  expect(mergeLinkConditions(slow, { uplinkBitsPerSec: null }).uplinkBitsPerSec).toBeNull();
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { aChain, aHeader, genesisOf, positionOf } from "../../../test/support/chain-fixtures.ts";
import { EASIEST_COMPACT_TARGET, targetFromCompact } from "../chain/target.ts";
import { type ChainPosition, expectedCompactTarget, medianTimePastMs, retarget } from "./difficulty.ts";

const TWO_WEEKS_MS = 14 * 24 * 3_600_000;

/** Bitcoin Core, src/test/pow_tests.cpp: times of the first and last block of a period, old and new target, limit 1d00ffff. */
test.each([
  ["as time went (blocks 30240 to 32255)", 1261130161, 1262152739, 0x1d00ffff, 0x1d00d86a],
  ["no easier than the limit (blocks 0 to 2015)", 1231006505, 1233061996, 0x1d00ffff, 0x1d00ffff],
  ["by a quarter at most (blocks 66528 to 68543)", 1279008237, 1279297671, 0x1c05a3f4, 0x1c0168fd],
  ["by four times at most (made up)", 1263163443, 1269211443, 0x1c387f6f, 0x1d00e1fd],
])("the target moves as Bitcoin's: %s", (_, firstSec, lastSec, before, after) => {
  expect(retarget(before, (lastSec - firstSec) * 1_000, TWO_WEEKS_MS, 0x1d00ffff)).toBe(after);
});

test("a period that took no time or went backwards counts as a quarter", () => {
  const quartered = retarget(0x1c100000, TWO_WEEKS_MS / 4, TWO_WEEKS_MS);
  expect(retarget(0x1c100000, 0, TWO_WEEKS_MS)).toBe(quartered);
  expect(retarget(0x1c100000, -5_000, TWO_WEEKS_MS)).toBe(quartered);
  expect(targetFromCompact(quartered)).toBe((targetFromCompact(0x1c100000) ?? 0n) / 4n);
});

test("the target never leaves its range", () => {
  expect(retarget(EASIEST_COMPACT_TARGET, TWO_WEEKS_MS * 4, TWO_WEEKS_MS)).toBe(EASIEST_COMPACT_TARGET);
  expect(retarget(0x01010000, 0, TWO_WEEKS_MS)).toBe(0x01010000);
});

/** `count` blocks on genesis, each `gapMs` after the one before. */
function chainOf(params: ReturnType<typeof aChain>, count: number, gapMs: number): ChainPosition {
  let tip = genesisOf(params);
  for (let block = 0; block < count; block += 1)
    tip = positionOf(aHeader(tip, params, [], { timeMs: tip.header.timeMs + gapMs }), tip);
  return tip;
}

const bitcoinRule = aChain({ difficultyRule: { kind: "bitcoin", periodBlocks: 10, blockIntervalMs: 1_000 } });

test("a fixed difficulty stays", () => {
  const params = aChain();
  expect(expectedCompactTarget(chainOf(params, 25, 1), params)).toBe(params.initialCompactTarget);
});

test("Bitcoin's rule changes the target at each full period and nowhere else", () => {
  const changedAt: number[] = [];
  let tip = genesisOf(bitcoinRule);
  for (let height = 1; height <= 40; height += 1) {
    const next = positionOf(aHeader(tip, bitcoinRule, [], { timeMs: tip.header.timeMs + 800 }), tip);
    if (next.header.compactTarget !== tip.header.compactTarget) changedAt.push(height);
    tip = next;
  }
  expect(changedAt).toEqual([10, 20, 30, 40]);
});

test("a period is measured over one gap less than it has blocks, as in Bitcoin", () => {
  const tip = chainOf(bitcoinRule, 9, 1_000);
  // Blocks that are exactly in time: 9 gaps count for 10, and the target falls by a tenth.
  const old = targetFromCompact(bitcoinRule.initialCompactTarget) ?? 0n;
  const next = targetFromCompact(expectedCompactTarget(tip, bitcoinRule)) ?? 0n;
  expect(Number((next * 10_000n) / old)).toBe(8_999);
});

test("half the hash rate for a period halves the difficulty after it", () => {
  const params = aChain({
    difficultyRule: { kind: "bitcoin", periodBlocks: 2_016, blockIntervalMs: 600_000 },
  });
  const tip = chainOf(params, 2_015, 1_200_000);
  const ratio =
    Number(targetFromCompact(expectedCompactTarget(tip, params))) /
    Number(targetFromCompact(params.initialCompactTarget));
  expect(ratio).toBeCloseTo((2 * 2_015) / 2_016, 3);
  // Published result: at that rate a period lasts 28 days, less the gap that is not measured.
  expect(tip.header.timeMs - params.genesisTimeMs).toBe(28 * 24 * 3_600_000 - 1_200_000);
});

test("the median time is the middle of the last eleven, in whatever order they came", () => {
  const params = aChain();
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 30 }), (timesMs) => {
      let tip = genesisOf(aChain({ genesisTimeMs: 25 }));
      for (const timeMs of timesMs)
        tip = positionOf(aHeader(tip, params, [], { timeMs, compactTarget: 1 }), tip);
      const last = [25, ...timesMs].slice(-11).sort((a, b) => a - b);
      expect(medianTimePastMs(tip)).toBe(last[Math.floor(last.length / 2)]);
    }),
  );
});

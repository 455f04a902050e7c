import fc from "fast-check";
import { expect, test } from "vitest";
import {
  compactFromDifficulty,
  compactFromTarget,
  difficultyOf,
  EASIEST_COMPACT_TARGET,
  meetsTarget,
  targetFromCompact,
  workOfCompact,
  workOfTarget,
} from "./target.ts";

/** Vectors of Bitcoin Core, src/test/arith_uint256_tests.cpp, bignum_SetCompact: those that state a target. */
test.each([
  [0x01123456, 0x12n, 0x01120000],
  [0x02123456, 0x1234n, 0x02123400],
  [0x03123456, 0x123456n, 0x03123456],
  [0x04123456, 0x12345600n, 0x04123456],
  [0x05009234, 0x92340000n, 0x05009234],
  [0x20123456, 0x123456n << 232n, 0x20123456],
  [0x02008000, 0x80n, 0x02008000],
  [0x1d00ffff, 0xffffn << 208n, 0x1d00ffff],
])("compact %i states the target that Bitcoin says", (compact, target, canonical) => {
  expect(targetFromCompact(compact)).toBe(target);
  expect(compactFromTarget(target)).toBe(canonical);
});

test.each([
  0,
  0x00123456,
  0x01003456,
  0x02000056,
  0x03000000,
  0x04000000,
  0x00923456,
  0x01803456,
  0x02800056,
  0x03800000,
  0x04800000,
  0x01fedcba,
  0x04923456,
  0xff123456,
  0x23000001,
  0x22000100,
  0x21010000,
  0x20800000,
  -1,
  2 ** 32,
  0.5,
])("compact %s is zero, negative or too wide and states no target", (compact) => {
  expect(targetFromCompact(compact)).toBeNull();
});

test("the widest targets are accepted just below 2^256", () => {
  expect(targetFromCompact(0x220000ff)).toBe(0xffn << 248n);
  expect(targetFromCompact(0x2100ffff)).toBe(0xffffn << 240n);
  expect(targetFromCompact(0x207fffff)).toBe(0x7fffffn << 232n);
  expect(targetFromCompact(EASIEST_COMPACT_TARGET)).toBe(
    targetFromCompact(compactFromTarget(2n ** 256n - 1n)),
  );
});

test("compact form keeps the leading bits of any target and rounds down", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 2n ** 256n - 1n }), (target) => {
      const back = targetFromCompact(compactFromTarget(target));
      expect(back !== null && back <= target && target - back <= target >> 15n).toBe(true);
    }),
  );
});

test("a compact form that came from a target is the one form of its target", () => {
  fc.assert(
    fc.property(fc.nat(0xffff_ffff), (compact) => {
      const target = targetFromCompact(compact);
      if (target !== null) expect(targetFromCompact(compactFromTarget(target))).toBe(target);
    }),
  );
});

test("a whole difficulty d states 2^(256 - d) exactly, and d bits come back", () => {
  for (let bits = 1; bits <= 255; bits += 1) {
    expect(targetFromCompact(compactFromDifficulty(bits))).toBe(2n ** BigInt(256 - bits));
    // Next to 2^256 hashes expected, the one that a target of 1 adds to it shows: 255 bits are 254.4.
    if (bits <= 240) expect(difficultyOf(compactFromDifficulty(bits))).toBeCloseTo(bits, 4);
  }
});

test("fractions of a bit survive to within the rounding of compact form", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 200, noNaN: true }), (bits) => {
      expect(Math.abs(difficultyOf(compactFromDifficulty(bits)) - bits)).toBeLessThan(5e-5);
    }),
  );
});

test("the work of Bitcoin's first target is 2^32 and a little", () => {
  // getblockheader of Bitcoin's genesis: chainwork 0x100010001.
  expect(workOfCompact(0x1d00ffff)).toBe(0x100010001n);
  expect(workOfTarget(2n ** 256n - 1n)).toBe(1n);
  expect(workOfCompact(compactFromDifficulty(17))).toBe(131_071n);
});

test("a hash meets a target that it equals, and not one that is smaller by one", () => {
  const hash = `${"0".repeat(8)}ff${"0".repeat(54)}`;
  const value = 0xffn << 216n;
  expect(meetsTarget(hash, value)).toBe(true);
  expect(meetsTarget(hash, value - 1n)).toBe(false);
});

test("Bitcoin's genesis block meets its target", () => {
  const hash = "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f";
  expect(meetsTarget(hash, targetFromCompact(0x1d00ffff) ?? 0n)).toBe(true);
  expect(meetsTarget(hash, targetFromCompact(compactFromDifficulty(44)) ?? 0n)).toBe(false);
});

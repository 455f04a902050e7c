import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { HEADER_BYTES, NONCE_OFFSET } from "../../core/chain/header-bytes.ts";
import { KERNEL_FILE } from "./kernel/build.ts";
import { loadKernel, NonceSearch } from "./nonce-search.ts";

const kernel = loadKernel();
const NONCE_COUNT = 2n ** 64n;
const HASH_COUNT = 2n ** 256n;

interface Case {
  readonly header: Uint8Array;
  readonly firstNonce: bigint;
  readonly count: number;
  readonly target: bigint;
}

/** The hash, as a number, by the library of Node.js. */
function hashOf(header: Uint8Array, nonce: bigint): bigint {
  const bytes = Buffer.from(header);
  bytes.writeBigUInt64BE(nonce % NONCE_COUNT, NONCE_OFFSET);
  return BigInt(`0x${hash("sha256", bytes, "hex")}`);
}

/** What a search should give: nonce after nonce. */
function firstThatMeets({ header, firstNonce, count, target }: Case): number | null {
  for (let index = 0; index < count; index += 1)
    if (hashOf(header, firstNonce + BigInt(index)) <= target) return index;
  return null;
}

function searchOf(search: NonceSearch, { header, firstNonce, count, target }: Case): number | null {
  search.setWork(header, target);
  return search.search(firstNonce, count);
}

const aHeader = fc.uint8Array({ minLength: HEADER_BYTES, maxLength: HEADER_BYTES });

/** Any nonce; or one before which the upper bytes are about to change: the kernel prepares them apart. */
const aNonce = fc.oneof(
  fc.bigInt({ min: 0n, max: NONCE_COUNT - 1n }),
  fc
    .tuple(
      fc.constantFrom(24n, 32n, 56n, 64n),
      fc.bigInt({ min: 1n, max: 255n }),
      fc.integer({ min: 0, max: 90 }),
    )
    .map(([bits, upper, before]) => (bits === 64n ? NONCE_COUNT : upper << bits) - BigInt(before)),
);

test("a search finds the nonce that hashing one after the other finds, or none", () => {
  const search = new NonceSearch(kernel);
  let foundCount = 0;
  fc.assert(
    fc.property(
      aHeader,
      aNonce,
      fc.integer({ min: 0, max: 100 }),
      fc.double({ min: 0, max: 12, noNaN: true }),
      (header, firstNonce, count, difficultyBits) => {
        const target = BigInt(Math.floor(2 ** (52 - difficultyBits))) << 204n;
        const given = { header, firstNonce, count, target: target - 1n };
        const expected = firstThatMeets(given);
        if (expected !== null) foundCount += 1;
        expect(searchOf(search, given)).toBe(expected);
      },
    ),
    { numRuns: 300 },
  );
  expect(foundCount).toBeGreaterThan(30);
});

test("all 256 bits of hash and target are compared: the hash itself meets, one less does not", () => {
  const search = new NonceSearch(kernel);
  fc.assert(
    fc.property(aHeader, aNonce, fc.integer({ min: 0, max: 40 }), (header, firstNonce, index) => {
      const hashes = Array.from({ length: index + 1 }, (_, each) =>
        hashOf(header, firstNonce + BigInt(each)),
      );
      const lowest = hashes.reduce((low, each) => (each < low ? each : low), HASH_COUNT);
      const given = { header, firstNonce, count: index + 1 };
      expect(searchOf(search, { ...given, target: lowest })).toBe(hashes.indexOf(lowest));
      expect(searchOf(search, { ...given, target: lowest - 1n })).toBeNull();
    }),
  );
});

test("a target may differ from the hash in its last word alone", () => {
  const search = new NonceSearch(kernel);
  const header = new Uint8Array(HEADER_BYTES).fill(7);
  for (let bit = 0n; bit < 256n; bit += 1n) {
    const hashed = hashOf(header, 0n);
    const target = hashed ^ (1n << bit);
    const given = { header, firstNonce: 0n, count: 1, target };
    expect([bit, searchOf(search, given)]).toEqual([bit, target > hashed ? 0 : null]);
  }
});

/** Cases of which a kernel with any fault in its hash gets one wrong, but for one chance in a million: each find is the first of some eight. */
const CASES: readonly Case[] = Array.from({ length: 8 }, (_, index) => ({
  header: new Uint8Array(HEADER_BYTES).map((_, at) => (at * 31 + index * 17) & 0xff),
  firstNonce: BigInt(index) << 50n,
  count: 64,
  target: HASH_COUNT / 8n,
}));

function isRight(bytes: Uint8Array): boolean {
  const search = new NonceSearch(loadKernel(bytes));
  return CASES.every((each) => searchOf(search, each) === firstThatMeets(each));
}

test("one wrong bit in any constant of SHA-256 would be found", () => {
  const bytes = readFileSync(KERNEL_FILE);
  expect(isRight(bytes)).toBe(true);
  // First words of the 64 constants of the rounds and of the 8 of the initial state.
  for (const [word, count] of [
    [0x428a2f98, 64],
    [0x6a09e667, 8],
  ] as const) {
    const needle = Buffer.alloc(4);
    needle.writeUInt32LE(word);
    const start = bytes.indexOf(needle);
    expect(start).toBeGreaterThan(0);
    for (let index = 0; index < count; index += 1) {
      const planted = Buffer.from(bytes);
      const at = start + 4 * index + (index % 4);
      planted.writeUInt8(planted.readUInt8(at) ^ (1 << (index % 8)), at);
      expect([index, isRight(planted)]).toEqual([index, false]);
    }
  }
});

test("a lane that tries another lane's nonce would be found", () => {
  const bytes = readFileSync(KERNEL_FILE);
  // By how much word 13 differs from lane to lane.
  const lanes = Buffer.from(Uint32Array.of(0, 0x100, 0x200, 0x300).buffer);
  const start = bytes.indexOf(lanes);
  expect(start).toBeGreaterThan(0);
  const planted = Buffer.from(bytes);
  planted.writeUInt32LE(0x100, start + 8);
  expect(isRight(planted)).toBe(false);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { sipHash24 } from "./sip-hash.ts";

/** The key 00 01 .. 0f of the paper's appendix A and of the reference implementation's vectors. */
const KEY = Uint8Array.from({ length: 16 }, (_, index) => index);

function hash(key: Uint8Array, message: Uint8Array): bigint {
  const { high, low } = sipHash24(key, message);
  return (BigInt(high) << 32n) | BigInt(low);
}

/** Reference vectors: the message 00 01 .. of so many bytes. Source: the paper's appendix A (15 bytes); vectors.h of the reference code. */
test.each([
  [0, 0x726fdb47dd0e0e31n],
  [1, 0x74f839c593dc67fdn],
  [8, 0x93f5f5799a932462n],
  [15, 0xa129ca6149be45e5n],
])("of %d bytes it is what the reference gives", (length, expected) => {
  expect(
    hash(
      KEY,
      Uint8Array.from({ length }, (_, index) => index),
    ),
  ).toBe(expected);
});

/** The definition with integers of any size. */
function plain(key: Uint8Array, message: Uint8Array): bigint {
  const mask = (1n << 64n) - 1n;
  const little = (bytes: Uint8Array) => bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const turn = (value: bigint, bits: bigint) => ((value << bits) | (value >> (64n - bits))) & mask;
  const [k0, k1] = [little(key.subarray(0, 8)), little(key.subarray(8))];
  let v0 = k0 ^ 0x736f6d6570736575n;
  let v1 = k1 ^ 0x646f72616e646f6dn;
  let v2 = k0 ^ 0x6c7967656e657261n;
  let v3 = k1 ^ 0x7465646279746573n;
  const rounds = (count: number) => {
    for (let round = 0; round < count; round++) {
      v0 = (v0 + v1) & mask;
      v1 = turn(v1, 13n) ^ v0;
      v0 = turn(v0, 32n);
      v2 = (v2 + v3) & mask;
      v3 = turn(v3, 16n) ^ v2;
      v0 = (v0 + v3) & mask;
      v3 = turn(v3, 21n) ^ v0;
      v2 = (v2 + v1) & mask;
      v1 = turn(v1, 17n) ^ v2;
      v2 = turn(v2, 32n);
    }
  };
  const padded = new Uint8Array((message.length & ~7) + 8);
  padded.set(message);
  padded[padded.length - 1] = message.length & 0xff;
  for (let offset = 0; offset < padded.length; offset += 8) {
    const word = little(padded.subarray(offset, offset + 8));
    v3 ^= word;
    rounds(2);
    v0 ^= word;
  }
  v2 ^= 0xffn;
  rounds(4);
  return v0 ^ v1 ^ v2 ^ v3;
}

test("of any key and message it is what the definition with large integers gives", () => {
  const keys = fc.uint8Array({ minLength: 16, maxLength: 16 });
  fc.assert(
    fc.property(keys, fc.uint8Array({ maxLength: 70 }), (key, message) => {
      expect(hash(key, message)).toBe(plain(key, message));
    }),
  );
});

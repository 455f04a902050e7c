import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { sha256 } from "../../../test/support/chain-fixtures.ts";
import { U48_MAX, U64_MAX } from "./bytes.ts";
import { decodeHeader, encodeHeader, HEADER_BYTES, hashHeader, NONCE_OFFSET } from "./header-bytes.ts";
import { bytesToHex, hexToBytes } from "./hex.ts";
import type { Header } from "./types.ts";

/** The example of docs/chain-format.md. */
const EXAMPLE: Header = {
  version: 1,
  height: 42,
  parentHash: "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
  merkleRoot: "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f",
  timeMs: 1_700_000_000_123,
  compactTarget: 0x1f00ffff,
  miner: "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f",
  nonce: 0x0123456789abcdefn,
};

const aHash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(bytesToHex);
const anyHeader: fc.Arbitrary<Header> = fc.record({
  version: fc.nat(0xff),
  height: fc.nat(0xffff_ffff),
  parentHash: aHash,
  merkleRoot: aHash,
  timeMs: fc.nat(U48_MAX),
  compactTarget: fc.nat(0xffff_ffff),
  miner: aHash,
  nonce: fc.bigInt({ min: 0n, max: U64_MAX }),
});

test("the worked example of the documentation has the bytes and the hash that it states", () => {
  const bytes = encodeHeader(EXAMPLE);
  const document = readFileSync(new URL("../../../docs/chain-format.md", import.meta.url), "utf8");
  const blocks = [...document.matchAll(/^```hex (\w+)\n([^`]*)```$/gm)];
  const stated = new Map(blocks.map(([, name, hex]) => [name, (hex ?? "").replace(/\s/g, "")]));
  expect(stated.get("header")).toBe(bytesToHex(bytes));
  expect(stated.get("hash")).toBe(createHash("sha256").update(bytes).digest("hex"));
  expect(hashHeader(EXAMPLE, sha256)).toBe(stated.get("hash"));
});

test("any header is 119 bytes and comes back from them", () => {
  fc.assert(
    fc.property(anyHeader, (header) => {
      const bytes = encodeHeader(header);
      expect(bytes.length).toBe(HEADER_BYTES);
      expect(decodeHeader(bytes)).toEqual({ value: header, fault: null });
    }),
  );
});

test("any 119 bytes are a header that encodes to them", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 119, maxLength: 119 }), (bytes) => {
      const { value } = decodeHeader(bytes);
      expect(value && encodeHeader(value)).toEqual(bytes);
    }),
  );
});

test("bytes of another length are no header", () => {
  expect(decodeHeader(new Uint8Array(118)).fault).toMatch(/8 bytes expected/);
  expect(decodeHeader(new Uint8Array(120)).fault).toMatch(/1 bytes too many/);
  expect(decodeHeader(new Uint8Array(0)).value).toBeNull();
});

test("only the last eight bytes change with the nonce, and they are not in the first chunk of 64", () => {
  const a = bytesToHex(encodeHeader(EXAMPLE));
  const b = bytesToHex(encodeHeader({ ...EXAMPLE, nonce: 0n }));
  expect(a.slice(0, 2 * NONCE_OFFSET)).toBe(b.slice(0, 2 * NONCE_OFFSET));
  expect(hexToBytes(a).length - NONCE_OFFSET).toBe(8);
  expect(NONCE_OFFSET).toBeGreaterThanOrEqual(64);
  // SHA-256 pads with a one bit and the length in 64 bits: 9 bytes at least, and no third chunk.
  expect(HEADER_BYTES + 9).toBe(128);
});

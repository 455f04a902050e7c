import fc from "fast-check";
import { expect, test } from "vitest";
import { bytesToHex, hexToBytes, isHex } from "./hex.ts";

test("hex of bytes is what Buffer makes of them, and back", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const hex = Buffer.from(bytes).toString("hex");
      expect(bytesToHex(bytes)).toBe(hex);
      expect(hexToBytes(hex)).toEqual(bytes);
      expect(isHex(hex, bytes.length)).toBe(true);
    }),
  );
});

test.each(["0", "0G", "AB", " 0", "0x", "é0", "0é", "\u{10030}"])(
  "%j is not hex and trips the invariant",
  (text) => {
    expect(isHex(text, 1)).toBe(false);
    expect(() => hexToBytes(text)).toThrow(/hex/);
  },
);

test("hex of another length, or what is no text, is not hex of that many bytes", () => {
  expect(isHex("00", 2)).toBe(false);
  expect(isHex(null, 0)).toBe(false);
  expect(isHex("", 0)).toBe(true);
});

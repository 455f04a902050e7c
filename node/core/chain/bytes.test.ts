import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteReader, ByteWriter, U48_MAX, U64_MAX } from "./bytes.ts";

test("fields are big-endian and come back as they were written", () => {
  fc.assert(
    fc.property(
      fc.nat(0xff),
      fc.nat(0xffff),
      fc.nat(0xffff_ffff),
      fc.nat(U48_MAX),
      fc.bigInt({ min: 0n, max: U64_MAX }),
      fc.uint8Array({ minLength: 3, maxLength: 3 }),
      (u8, u16, u32, u48, u64, tail) => {
        const writer = new ByteWriter(24);
        writer.u8(u8);
        writer.u16(u16);
        writer.u32(u32);
        writer.u48(u48);
        writer.u64(u64);
        writer.bytes(tail);
        const bytes = writer.finish();
        const expected = Buffer.alloc(24);
        expected.writeUInt8(u8, 0);
        expected.writeUInt16BE(u16, 1);
        expected.writeUInt32BE(u32, 3);
        expected.writeUIntBE(u48, 7, 6);
        expected.writeBigUInt64BE(u64, 13);
        expected.set(tail, 21);
        expect(Buffer.from(bytes).equals(expected)).toBe(true);
        const reader = new ByteReader(bytes);
        const read = [reader.u8(), reader.u16(), reader.u32(), reader.u48(), reader.u64(), reader.hex(3)];
        expect(reader.finish(read).value).toEqual([
          u8,
          u16,
          u32,
          u48,
          u64,
          Buffer.from(tail).toString("hex"),
        ]);
      },
    ),
  );
});

test("a reader of bytes that end early keeps its first fault and gives zeros after it", () => {
  const reader = new ByteReader(new Uint8Array([1, 2, 3]));
  expect(reader.u16()).toBe(0x0102);
  expect(reader.u32()).toBe(0);
  expect(reader.u8()).toBe(0);
  expect(reader.u64()).toBe(0n);
  expect(reader.finish("read")).toEqual({ value: null, fault: "4 bytes expected (at byte 2 of 3)" });
});

test("bytes that nobody asked for are a fault", () => {
  const reader = new ByteReader(new Uint8Array(3));
  reader.u8();
  expect(reader.finish("read").fault).toBe("2 bytes too many (at byte 1 of 3)");
});

test("a count that cannot be true is a fault before anything is read", () => {
  const reader = new ByteReader(new Uint8Array(100));
  expect(reader.hasRoomFor(100, 1)).toBe(true);
  expect(reader.hasRoomFor(0xffff_ffff, 1)).toBe(false);
  expect(reader.finish(0).fault).toMatch(/cannot fit/);
});

test("a reader reads from a part of a larger array", () => {
  const reader = new ByteReader(new Uint8Array([9, 9, 1, 2]).subarray(2));
  expect(reader.finish(reader.u16())).toEqual({ value: 0x0102, fault: null });
});

test.each([
  ["a value too large", (writer: ByteWriter) => writer.u8(256)],
  ["a negative value", (writer: ByteWriter) => writer.u16(-1)],
  ["a fraction", (writer: ByteWriter) => writer.u32(0.5)],
  ["a bigint too large", (writer: ByteWriter) => writer.u64(2n ** 64n)],
  ["a field past the end", (writer: ByteWriter) => writer.bytes(new Uint8Array(9))],
  ["hex of another length", (writer: ByteWriter) => writer.hex("00", 2)],
  ["an unfinished array", (writer: ByteWriter) => writer.finish()],
])("writing %s trips the invariant", (_, write) => {
  expect(() => write(new ByteWriter(8))).toThrow();
});

import { expect, test } from "vitest";
import { remoteWriteBody, snappyBlock, varint } from "./remote-write.ts";

test("numbers are written as protobuf has them, beyond 32 bits too", () => {
  // 150 is the example of protobuf.dev, "Encoding".
  expect(varint(150).toString("hex")).toBe("9601");
  expect([varint(0), varint(127), varint(128)].map((bytes) => bytes.toString("hex"))).toEqual([
    "00",
    "7f",
    "8001",
  ]);
  const [...bytes] = varint(1_763_745_600_123);
  const read = bytes.reduceRight((sum, byte) => sum * 128n + BigInt(byte & 0x7f), 0n);
  expect(read).toBe(1_763_745_600_123n);
});

test("a series is its labels in order and one sample; one that has ended has the NaN that says so", () => {
  const series = { name: "up", labels: { a: "x", Z: "y" }, value: 1 };
  const label = (name: string, value: string) =>
    `0a${hexLength(4 + name.length + value.length)}0a${hexLength(name.length)}${hexText(name)}12${hexLength(value.length)}${hexText(value)}`;
  const labels = [label("Z", "y"), label("__name__", "up"), label("a", "x")].join("");
  const expected = (bits: string) => {
    const sample = `09${bits}1005`;
    const all = `${labels}12${hexLength(sample.length / 2)}${sample}`;
    return `0a${hexLength(all.length / 2)}${all}`;
  };
  const bodyOf = (value: number | null) => unpacked(remoteWriteBody([{ ...series, value }], 5));
  expect(bodyOf(1).toString("hex")).toBe(expected("000000000000f03f"));
  expect(bodyOf(null).toString("hex")).toBe(expected("020000000000f07f"));
});

test("a block of snappy holds the bytes as they are, also many of them", () => {
  expect(snappyBlock(Buffer.from("abc")).toString("hex")).toBe("03f40200616263");
  for (const length of [0, 1, 65_536, 65_537, 200_000]) {
    const bytes = Buffer.from(Array.from({ length }, (_, index) => (index * 7) & 0xff));
    expect(unpacked(snappyBlock(bytes)).equals(bytes)).toBe(true);
  }
});

/** What a block of literals holds, read by the words of snappy's format description. */
function unpacked(block: Buffer): Buffer {
  let at = 0;
  let length = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = block[at++] ?? 0;
    length += (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  const parts: Buffer[] = [];
  while (at < block.length) {
    const tag = block[at] ?? 0;
    // The two lowest bits say literal, the upper six that two bytes of length less one follow.
    expect([tag & 3, tag >> 2]).toEqual([0, 61]);
    const count = block.readUInt16LE(at + 1) + 1;
    parts.push(block.subarray(at + 3, at + 3 + count));
    at += 3 + count;
  }
  const bytes = Buffer.concat(parts);
  expect(bytes.length).toBe(length);
  return bytes;
}

function hexText(text: string): string {
  return Buffer.from(text).toString("hex");
}

function hexLength(count: number): string {
  return count.toString(16).padStart(2, "0");
}

import { crc32, deflateSync, inflateSync } from "node:zlib";

const SIGNATURE = Buffer.from("89504e470d0a1a0a", "hex");

/** Colours of a picture with a palette. */
const PALETTE_COUNT_MAX = 256;

/** Of them, those that are taken for being common. */
const COMMON_COUNT_MAX = 160;

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Red, green and blue, row by row. */
  readonly rgb: Uint8Array;
}

/**
 * A screenshot with a palette of 256 colours, which pages of text hardly have more of, at a third of its size. Takes PNG as browsers write it: eight bits, no interlace,
 * opaque. Source: w3.org/TR/png-3.
 */
export function smallPng(png: Uint8Array): Buffer {
  const { width, height, rgb } = decodePng(png);
  const counts = new Map<number, number>();
  const colourAt = (index: number) =>
    ((rgb[3 * index] ?? 0) << 16) | ((rgb[3 * index + 1] ?? 0) << 8) | (rgb[3 * index + 2] ?? 0);
  for (let index = 0; index < width * height; index += 1) {
    const colour = colourAt(index);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const palette = paletteOf(counts);
  const entryOf = new Map([...counts.keys()].map((colour) => [colour, nearest(colour, palette)]));
  const rows = Buffer.alloc(height * (width + 1));
  for (let row = 0; row < height; row += 1)
    for (let column = 0; column < width; column += 1)
      rows[row * (width + 1) + 1 + column] = entryOf.get(colourAt(row * width + column)) ?? 0;
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  const colours = Buffer.from(
    palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 0xff, colour & 0xff]),
  );
  const parts = [chunk("IHDR", head), chunk("PLTE", colours), chunk("IDAT", deflateSync(rows, { level: 9 }))];
  return Buffer.concat([SIGNATURE, ...parts, chunk("IEND", Buffer.alloc(0))]);
}

/** Most of the palette goes to the colours that most of the picture has, the rest to those that differ most: a small mark keeps its colour. */
function paletteOf(counts: ReadonlyMap<number, number>): number[] {
  const byCount = [...counts].sort((a, b) => b[1] - a[1]).map(([colour]) => colour);
  const palette = byCount.slice(0, COMMON_COUNT_MAX);
  const rest = byCount
    .slice(COMMON_COUNT_MAX)
    .map((colour) => ({ colour, apart: apartFrom(colour, palette) }));
  while (palette.length < PALETTE_COUNT_MAX) {
    const furthest = rest.reduce((a, b) => (b.apart > a.apart ? b : a), { colour: 0, apart: 0 });
    if (furthest.apart === 0) break;
    palette.push(furthest.colour);
    for (const each of rest) each.apart = Math.min(each.apart, distance(each.colour, furthest.colour));
  }
  return palette;
}

function apartFrom(colour: number, palette: readonly number[]): number {
  return distance(colour, palette[nearest(colour, palette)] ?? 0);
}

function distance(one: number, other: number): number {
  return (
    ((one >> 16) - (other >> 16)) ** 2 +
    (((one >> 8) & 0xff) - ((other >> 8) & 0xff)) ** 2 +
    ((one & 0xff) - (other & 0xff)) ** 2
  );
}

function nearest(colour: number, palette: readonly number[]): number {
  let best = 0;
  for (let index = 1; index < palette.length; index += 1)
    if (distance(colour, palette[index] ?? 0) < distance(colour, palette[best] ?? 0)) best = index;
  return best;
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** The pixels of a PNG of eight bits, with or without an alpha that is left out. */
export function decodePng(png: Uint8Array): Pixels {
  const bytes = Buffer.from(png);
  const data: Buffer[] = [];
  for (let at = SIGNATURE.length; at < bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    const type = bytes.toString("latin1", at + 4, at + 8);
    if (type === "IDAT") data.push(bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at)));
  }
  const [width, height, channels] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20), bytes[25] === 6 ? 4 : 3];
  const raw = inflateSync(Buffer.concat(data));
  const rowBytes = width * channels;
  const rgb = new Uint8Array(width * height * 3);
  let above = new Uint8Array(rowBytes);
  for (let row = 0; row < height; row += 1) {
    const from = row * (rowBytes + 1);
    const line = unfiltered(raw[from] ?? 0, raw.subarray(from + 1, from + 1 + rowBytes), above, channels);
    for (let column = 0; column < width; column += 1)
      rgb.set(line.subarray(column * channels, column * channels + 3), 3 * (row * width + column));
    above = line;
  }
  return { width, height, rgb };
}

/** A row as it was before it was made easier to compress. */
function unfiltered(
  filter: number,
  coded: Uint8Array,
  above: Uint8Array,
  channels: number,
): Uint8Array<ArrayBuffer> {
  const line = new Uint8Array(coded.length);
  for (let at = 0; at < coded.length; at += 1) {
    const left = line[at - channels] ?? 0;
    const up = above[at] ?? 0;
    const guess = [0, left, up, (left + up) >> 1, paeth(left, up, above[at - channels] ?? 0)][filter] ?? 0;
    line[at] = (coded[at] ?? 0) + guess;
  }
  return line;
}

function paeth(left: number, up: number, corner: number): number {
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

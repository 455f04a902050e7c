import { promisify } from "node:util";
import { constants, crc32, deflateRaw } from "node:zlib";

/**
 * One gzip member of pieces that were compressed apart, so that what a page has in common with the one before is compressed once. Each piece is
 * deflate blocks that end on a whole byte and refer to nothing before them (a full flush). Source: RFC 1951, section 3.2; RFC 1952, section 2.3.
 */
const deflateAsync = promisify(deflateRaw);

/** Magic, deflate, no flags, no time, no level, an unknown system. */
const HEAD = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);

/** An empty block with the mark of the last: fixed codes, end of block. */
const LAST_BLOCK = Buffer.from([0x03, 0x00]);

export interface GzipPiece {
  readonly plain: Buffer;
  readonly deflated: Buffer;
}

export async function compressPiece(plain: Buffer): Promise<GzipPiece> {
  const options = { level: constants.Z_BEST_SPEED, finishFlush: constants.Z_FULL_FLUSH };
  return { plain, deflated: alone(await deflateAsync(plain, options)) };
}

/**
 * The same bytes in memory of their own, for those that are kept: what zlib gives out is the beginning of 16 KiB, and what is made of a text is a part
 * of a larger buffer, which they would hold whole.
 */
export function alone(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}

/** A piece as it is, for the few bytes between others; 65,535 at most. */
export function storedPiece(text: string): GzipPiece {
  const plain = Buffer.from(text);
  const head = Buffer.alloc(5);
  head.writeUInt16LE(plain.length, 1);
  head.writeUInt16LE(~plain.length & 0xffff, 3);
  return { plain, deflated: Buffer.concat([head, plain]) };
}

/** The pieces, one after the other, as a gzip file. */
export function joinPieces(pieces: readonly GzipPiece[]): Buffer {
  const tail = Buffer.alloc(8);
  let sum = 0;
  let plainBytes = 0;
  for (const { plain } of pieces) {
    sum = crc32(plain, sum);
    plainBytes += plain.length;
  }
  tail.writeUInt32LE(sum, 0);
  tail.writeUInt32LE(plainBytes % 2 ** 32, 4);
  return Buffer.concat([HEAD, ...pieces.map(({ deflated }) => deflated), LAST_BLOCK, tail]);
}

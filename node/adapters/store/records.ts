import { crc32 } from "node:zlib";
import { HEADER_BYTES } from "../../core/chain/header-bytes.ts";

/** The checksum of a header record: over the header's bytes, then the size of the block (4 bytes, big-endian). */
export function headerChecksum(header: Uint8Array, sizeBytes: number): number {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(sizeBytes);
  return crc32(size, crc32(header));
}

/** A row of `headers` that is as it was written. */
export function isWholeHeader(header: unknown, size: unknown, checksum: unknown): header is Uint8Array {
  return (
    header instanceof Uint8Array &&
    header.length === HEADER_BYTES &&
    typeof size === "number" &&
    size >= HEADER_BYTES &&
    size <= 0xffff_ffff &&
    headerChecksum(header, size) === checksum
  );
}

/** A row of `bodies` that is as it was written. */
export function isWholeBody(bytes: unknown, checksum: unknown): bytes is Uint8Array {
  return bytes instanceof Uint8Array && bytes.length > HEADER_BYTES && crc32(bytes) === checksum;
}

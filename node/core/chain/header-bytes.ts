import { ByteReader, ByteWriter, type Decoded } from "./bytes.ts";
import type { Sha256 } from "./sha256.ts";
import type { Header, Hex } from "./types.ts";

/**
 * Bytes of a header. SHA-256 works in chunks of 64: the first chunk holds nothing that a miner varies from try to try, so
 * its state is computed once; the other 55 bytes and the 9 that SHA-256 pads with are one chunk, one compression a try.
 */
export const HEADER_BYTES = 119;

/** Where the nonce begins: the last 8 bytes. */
export const NONCE_OFFSET = 111;

/** Of the version field that this code writes and accepts. */
export const HEADER_VERSION = 1;

/** The canonical bytes of a header; docs/chain-format.md has the layout and a worked example. */
export function encodeHeader(header: Header): Uint8Array {
  const writer = new ByteWriter(HEADER_BYTES);
  writer.u8(header.version);
  writer.u32(header.height);
  writer.hex(header.parentHash, 32);
  writer.hex(header.merkleRoot, 32);
  writer.u48(header.timeMs);
  writer.u32(header.compactTarget);
  writer.hex(header.miner, 32);
  writer.u64(header.nonce);
  return writer.finish();
}

/** The header that exactly these bytes encode. Checks the shape only: any 119 bytes are some header. */
export function decodeHeader(bytes: Uint8Array): Decoded<Header> {
  const reader = new ByteReader(bytes);
  return reader.finish(readHeader(reader));
}

/** Reads a header where a reader stands; zeros after a fault. */
export function readHeader(reader: ByteReader): Header {
  return {
    version: reader.u8(),
    height: reader.u32(),
    parentHash: reader.hex(32),
    merkleRoot: reader.hex(32),
    timeMs: reader.u48(),
    compactTarget: reader.u32(),
    miner: reader.hex(32),
    nonce: reader.u64(),
  };
}

/** A block's hash: the SHA-256, once, of its header's bytes. */
export function hashHeader(header: Header, sha256: Sha256): Hex {
  return sha256(encodeHeader(header));
}

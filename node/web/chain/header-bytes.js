import { bytesOfHex } from "./hex.js";

/** @import { Header } from "../types.js" */

const HEADER_BYTES = 119;

/**
 * The bytes of a header, whose SHA-256 is the block's hash: docs/chain-format.md has the layout and an example.
 * @param {Pick<Header, "version" | "height" | "parentHash" | "merkleRoot" | "timeMs" | "compactTarget" | "miner" | "nonce">} header
 */
export function headerBytes(header) {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, header.version);
  view.setUint32(1, header.height);
  bytes.set(bytesOfHex(header.parentHash), 5);
  bytes.set(bytesOfHex(header.merkleRoot), 37);
  view.setUint16(69, Math.floor(header.timeMs / 2 ** 32));
  view.setUint32(71, header.timeMs % 2 ** 32);
  view.setUint32(75, header.compactTarget);
  bytes.set(bytesOfHex(header.miner), 79);
  view.setBigUint64(111, BigInt(header.nonce));
  return bytes;
}

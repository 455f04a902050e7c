import { ByteReader, type ByteWriter } from "../chain/bytes.ts";
import { encodeHeader, readHeader } from "../chain/header-bytes.ts";
import type { BlockTree } from "../state/block-tree.ts";
import { COMPACT_COUNT_MAX, SHORT_ID_BYTES } from "../state/compact-block.ts";
import {
  type CompactMessage,
  compactMessage,
  type MissingMessage,
  makeMissing,
  makeRequestMissing,
  type RequestMissingMessage,
} from "../state/messages.ts";
import type { DecodedMessage } from "./wire.ts";
import {
  readCount,
  readTransaction,
  readTransactions,
  writeTransaction,
  writeTransactions,
} from "./wire-fields.ts";

const POSITION_BYTES = 2;

/** The payload of a message of the compact relay. */
export function writeCompactMessage(
  writer: ByteWriter,
  message: CompactMessage | RequestMissingMessage | MissingMessage,
): void {
  switch (message.kind) {
    case "compact":
      writer.bytes(encodeHeader(message.block.header));
      writer.u32(message.shortIds.length);
      for (const shortId of message.shortIds) writer.u48(shortId);
      writeTransaction(writer, message.coinbase);
      return;
    case "request-missing":
      writer.hex(message.block.hash, 32);
      writer.u32(message.positions.length);
      for (const position of message.positions) writer.u16(position);
      return;
    case "missing":
      writer.hex(message.block.hash, 32);
      writeTransactions(writer, message.transactions);
  }
}

export function decodeCompact(payload: Uint8Array, tree: BlockTree): DecodedMessage {
  const reader = new ByteReader(payload);
  const header = readHeader(reader);
  const count = readCount(reader, COMPACT_COUNT_MAX, SHORT_ID_BYTES);
  const shortIds: number[] = [];
  for (let index = 0; index < count; index += 1) shortIds.push(reader.u48());
  const coinbase = readTransaction(reader, tree);
  const decoded = reader.finish(coinbase);
  if (decoded.fault !== null || coinbase === null)
    return { type: "fault", fault: `compact: ${decoded.fault ?? "no coinbase"}` };
  const entered = tree.enterHeader(header);
  if (!entered.ok) return { type: "violation", hash: entered.hash, violation: entered.violation };
  return { type: "message", message: compactMessage(entered.block, shortIds, coinbase) };
}

export function decodeRequestMissing(payload: Uint8Array, tree: BlockTree): DecodedMessage {
  const reader = new ByteReader(payload);
  const hash = reader.hex(32);
  const count = readCount(reader, COMPACT_COUNT_MAX, POSITION_BYTES);
  const positions: number[] = [];
  for (let index = 0; index < count; index += 1) positions.push(reader.u16());
  const decoded = reader.finish(positions);
  if (decoded.fault !== null) return { type: "fault", fault: `request-missing: ${decoded.fault}` };
  const block = tree.get(hash);
  if (block === null) return { type: "unknown-block", kind: "request", hash, attempt: 0 };
  return { type: "message", message: makeRequestMissing(block, decoded.value) };
}

export function decodeMissing(payload: Uint8Array, tree: BlockTree): DecodedMessage {
  const reader = new ByteReader(payload);
  const hash = reader.hex(32);
  const decoded = reader.finish(readTransactions(reader, COMPACT_COUNT_MAX, tree));
  if (decoded.fault !== null) return { type: "fault", fault: `missing: ${decoded.fault}` };
  const block = tree.get(hash);
  if (block === null) return { type: "unknown-block", kind: "not-found", hash, attempt: 0 };
  return { type: "message", message: makeMissing(block, decoded.value) };
}

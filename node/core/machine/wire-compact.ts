import { TRANSACTION_FRAME_BYTES } from "../chain/block-bytes.ts";
import { ByteReader, type ByteWriter } from "../chain/bytes.ts";
import { encodeHeader, readHeader } from "../chain/header-bytes.ts";
import { TRANSACTION_BYTES_MIN } from "../chain/transaction-bytes.ts";
import type { BlockTree } from "../state/block-tree.ts";
import {
  COMPACT_COUNT_MAX,
  type PlacedTransaction,
  PREFILLED_BYTES_MAX,
  SHORT_ID_BYTES,
} from "../state/compact-block.ts";
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
const PREFILLED_BYTES_MIN = POSITION_BYTES + TRANSACTION_FRAME_BYTES + TRANSACTION_BYTES_MIN;

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
      writer.u32(message.prefilled.length);
      for (const { position, facts } of message.prefilled) {
        writer.u16(position);
        writeTransaction(writer, facts);
      }
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
  const decoded = reader.finish(readPrefilled(reader, shortIds.length, tree));
  if (decoded.fault !== null) return { type: "fault", fault: `compact: ${decoded.fault}` };
  const entered = tree.enterHeader(header);
  if (!entered.ok) return { type: "violation", hash: entered.hash, violation: entered.violation };
  return { type: "message", message: compactMessage(entered.block, shortIds, decoded.value) };
}

/** Transactions beside so many short ids: positions ascending from the coinbase's on, none outside the block, no more bytes than allowed. */
function readPrefilled(reader: ByteReader, shortIdCount: number, tree: BlockTree): PlacedTransaction[] {
  const count = readCount(reader, COMPACT_COUNT_MAX + 1 - shortIdCount, PREFILLED_BYTES_MIN);
  const prefilled: PlacedTransaction[] = [];
  let bytes = 0;
  for (let index = 0; index < count; index += 1) {
    const position = reader.u16();
    const facts = readTransaction(reader, tree);
    if (facts === null) return [];
    const before = prefilled.at(-1);
    if (before === undefined ? position !== 0 : position <= before.position)
      reader.fail("positions that do not ascend from 0");
    if (position >= shortIdCount + count) reader.fail(`position ${position} of ${shortIdCount + count}`);
    if (before !== undefined) bytes += facts.sizeBytes;
    if (bytes > PREFILLED_BYTES_MAX)
      reader.fail(`more than ${PREFILLED_BYTES_MAX} bytes beside the coinbase`);
    prefilled.push({ position, facts });
  }
  if (prefilled.length === 0) reader.fail("no coinbase");
  return prefilled;
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

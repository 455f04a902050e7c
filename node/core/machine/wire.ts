import { decodeBlock, encodeBlock } from "../chain/block-bytes.ts";
import { ByteReader, ByteWriter } from "../chain/bytes.ts";
import { encodeHeader, HEADER_BYTES, readHeader } from "../chain/header-bytes.ts";
import type { Block, Hex } from "../chain/types.ts";
import type { Violation } from "../rules/violation.ts";
import type { BlockEntry } from "../state/block-entry.ts";
import type { BlockTree } from "../state/block-tree.ts";
import {
  type Message,
  makeBlockMessage,
  makeGetHeaders,
  makeHeaders,
  makeTransactionNames,
  makeTransactions,
  type TransactionNamesMessage,
} from "../state/messages.ts";
import { invariant } from "../support/invariant.ts";
import { HEADERS_COUNT_MAX, LOCATOR_COUNT_MAX } from "../sync/header-sync.ts";
import { ANNOUNCED_COUNT_MAX } from "../sync/transaction-news.ts";
import { TRANSACTIONS_COUNT_MAX } from "../sync/transaction-wants.ts";
import { decodeCompact, decodeMissing, decodeRequestMissing, writeCompactMessage } from "./wire-compact.ts";
import { readCount, readHashes, readTransactions, writeTransactions } from "./wire-fields.ts";

/** Kind (1 byte) and length of the payload (4 bytes, big-endian) stand before each message. */
export const FRAME_BYTES = 5;

/** The first byte of each message. Numbers from 0xf0 on are left to the transport's own frames. */
export const KIND_BYTE: Readonly<Record<Message["kind"], number>> = {
  announce: 1,
  request: 2,
  block: 3,
  "not-found": 4,
  "get-headers": 5,
  headers: 6,
  transactions: 7,
  "announce-transactions": 8,
  "request-transactions": 9,
  compact: 10,
  "request-missing": 11,
  missing: 12,
};

/**
 * What a peer's bytes turned out to be. `unknown-block`: about a block that nobody here ever heard of, so there is no entry to make a
 * message of; a request of one is to be answered with `encodeNotFound`. `violation`: the block `hash` breaks a rule.
 * `fault`: no message at all, in words.
 */
export type DecodedMessage =
  | {
      readonly type: "message";
      readonly message: Message;
      /** Of the message `block`: the canonical bytes of the block, a view of those that were decoded. */
      readonly blockBytes?: Uint8Array;
    }
  | {
      readonly type: "unknown-block";
      readonly kind: "request" | "not-found";
      readonly hash: Hex;
      readonly attempt: number;
    }
  | { readonly type: "violation"; readonly hash: Hex; readonly violation: Violation }
  | { readonly type: "fault"; readonly fault: string };

/** The bytes of a message, frame included; `message.sizeBytes` of them. docs/chain-format.md has the layout. */
export function encodeMessage(message: Message): Uint8Array {
  const writer = new ByteWriter(message.sizeBytes);
  writer.u8(KIND_BYTE[message.kind]);
  writer.u32(message.sizeBytes - FRAME_BYTES);
  switch (message.kind) {
    case "announce":
      writer.bytes(encodeHeader(message.block.header));
      break;
    case "request":
    case "not-found":
      writer.u8(message.attempt);
      writer.hex(message.block.hash, 32);
      break;
    case "block":
      writer.u8(message.attempt);
      writer.bytes(encodeBlock(blockOf(message.block)));
      break;
    case "get-headers":
      writer.u32(message.locator.length);
      for (const hash of message.locator) writer.hex(hash, 32);
      break;
    case "headers":
      writer.u32(message.blocks.length);
      for (const { header } of message.blocks) writer.bytes(encodeHeader(header));
      break;
    case "announce-transactions":
    case "request-transactions":
      writer.u32(message.ids.length);
      for (const id of message.ids) writer.hex(id, 32);
      break;
    case "transactions":
      writeTransactions(writer, message.transactions);
      break;
    default:
      writeCompactMessage(writer, message);
  }
  return writer.finish();
}

/** The message `block` of a block whose bytes are at hand. */
export function encodeBlockMessage(attempt: number, blockBytes: Uint8Array): Uint8Array {
  const writer = new ByteWriter(FRAME_BYTES + 1 + blockBytes.length);
  writer.u8(KIND_BYTE.block);
  writer.u32(1 + blockBytes.length);
  writer.u8(attempt);
  writer.bytes(blockBytes);
  return writer.finish();
}

/** The answer to a request of a block that has no entry here. */
export function encodeNotFound(hash: Hex, attempt: number): Uint8Array {
  const writer = new ByteWriter(FRAME_BYTES + 1 + 32);
  writer.u8(KIND_BYTE["not-found"]);
  writer.u32(1 + 32);
  writer.u8(attempt);
  writer.hex(hash, 32);
  return writer.finish();
}

/** A stored block that is whole, as `encodeBlock` takes it. */
export function blockOf(block: BlockEntry): Block {
  const { header, transactions } = block;
  invariant(transactions !== null, `block ${block.hash} has no body to encode`);
  return { header, transactions: transactions.map((facts) => facts.tx) };
}

/**
 * What exactly these bytes, frame included, say. Never throws, whatever they are. Headers and bodies that fit the rules of a header and its
 * commitment are entered into the tree; nothing else is changed.
 */
export function decodeMessage(bytes: Uint8Array, tree: BlockTree): DecodedMessage {
  const frame = new ByteReader(bytes);
  const kind = frame.u8();
  const decoded = frame.finish(frame.bytes(frame.u32()));
  if (decoded.fault !== null) return { type: "fault", fault: decoded.fault };
  const payload = decoded.value;
  switch (kind) {
    case KIND_BYTE.announce:
      return decodeAnnounce(payload, tree);
    case KIND_BYTE.request:
      return decodeBlockName("request", payload, tree);
    case KIND_BYTE.block:
      return decodeBlockMessage(payload, tree);
    case KIND_BYTE["not-found"]:
      return decodeBlockName("not-found", payload, tree);
    case KIND_BYTE["get-headers"]:
      return decodeGetHeaders(payload);
    case KIND_BYTE.headers:
      return decodeHeaders(payload, tree);
    case KIND_BYTE.transactions:
      return decodeTransactions(payload, tree);
    case KIND_BYTE.compact:
      return decodeCompact(payload, tree);
    case KIND_BYTE["request-missing"]:
      return decodeRequestMissing(payload, tree);
    case KIND_BYTE.missing:
      return decodeMissing(payload, tree);
    case KIND_BYTE["announce-transactions"]:
      return decodeTransactionNames("announce-transactions", ANNOUNCED_COUNT_MAX, payload);
    case KIND_BYTE["request-transactions"]:
      return decodeTransactionNames("request-transactions", TRANSACTIONS_COUNT_MAX, payload);
    default:
      return { type: "fault", fault: `unknown kind of message ${kind}` };
  }
}

function decodeAnnounce(payload: Uint8Array, tree: BlockTree): DecodedMessage {
  const reader = new ByteReader(payload);
  const header = reader.finish(readHeader(reader));
  if (header.fault !== null) return { type: "fault", fault: `announce: ${header.fault}` };
  const entered = tree.enterHeader(header.value);
  if (!entered.ok) return { type: "violation", hash: entered.hash, violation: entered.violation };
  return { type: "message", message: entered.block.announcement };
}

function decodeBlockName(
  kind: "request" | "not-found",
  payload: Uint8Array,
  tree: BlockTree,
): DecodedMessage {
  const reader = new ByteReader(payload);
  const named = reader.finish({ attempt: reader.u8(), hash: reader.hex(32) });
  if (named.fault !== null) return { type: "fault", fault: `${kind}: ${named.fault}` };
  const { attempt, hash } = named.value;
  const block = tree.get(hash);
  if (block === null) return { type: "unknown-block", kind, hash, attempt };
  return { type: "message", message: makeBlockMessage(kind, block, attempt) };
}

function decodeBlockMessage(payload: Uint8Array, tree: BlockTree): DecodedMessage {
  const reader = new ByteReader(payload);
  const attempt = reader.u8();
  const blockBytes = payload.subarray(1);
  const decoded = decodeBlock(blockBytes);
  if (payload.length === 0 || decoded.fault !== null)
    return { type: "fault", fault: `block: ${decoded.fault ?? "no bytes"}` };
  const { header, transactions, encoded } = decoded.value;
  const entered = tree.enterHeader(header);
  if (!entered.ok) return { type: "violation", hash: entered.hash, violation: entered.violation };
  const { block } = entered;
  if (block.transactions === null) {
    const facts = transactions.map((tx, index) => tree.transactions.factsInBlock(tx, encoded[index]));
    const violation = tree.attachBody(block, facts);
    if (violation !== null) return { type: "violation", hash: block.hash, violation };
  }
  const message =
    attempt === 0 && block.delivery !== null ? block.delivery : makeBlockMessage("block", block, attempt);
  return { type: "message", message, blockBytes };
}

function decodeGetHeaders(payload: Uint8Array): DecodedMessage {
  const reader = new ByteReader(payload);
  const decoded = reader.finish(readHashes(reader, LOCATOR_COUNT_MAX));
  if (decoded.fault !== null) return { type: "fault", fault: `get-headers: ${decoded.fault}` };
  return { type: "message", message: makeGetHeaders(decoded.value) };
}

function decodeTransactionNames(
  kind: TransactionNamesMessage["kind"],
  countMax: number,
  payload: Uint8Array,
): DecodedMessage {
  const reader = new ByteReader(payload);
  const decoded = reader.finish(readHashes(reader, countMax));
  if (decoded.fault !== null) return { type: "fault", fault: `${kind}: ${decoded.fault}` };
  return { type: "message", message: makeTransactionNames(kind, decoded.value) };
}

function decodeHeaders(payload: Uint8Array, tree: BlockTree): DecodedMessage {
  const reader = new ByteReader(payload);
  const count = readCount(reader, HEADERS_COUNT_MAX, HEADER_BYTES);
  const headers = [];
  for (let index = 0; index < count; index += 1) headers.push(readHeader(reader));
  const decoded = reader.finish(headers);
  if (decoded.fault !== null) return { type: "fault", fault: `headers: ${decoded.fault}` };
  const blocks: BlockEntry[] = [];
  for (const header of decoded.value) {
    const entered = tree.enterHeader(header);
    if (!entered.ok) return { type: "violation", hash: entered.hash, violation: entered.violation };
    blocks.push(entered.block);
  }
  return { type: "message", message: makeHeaders(blocks) };
}

function decodeTransactions(payload: Uint8Array, tree: BlockTree): DecodedMessage {
  const reader = new ByteReader(payload);
  const decoded = reader.finish(readTransactions(reader, TRANSACTIONS_COUNT_MAX, tree));
  if (decoded.fault !== null) return { type: "fault", fault: `transactions: ${decoded.fault}` };
  return { type: "message", message: makeTransactions(decoded.value) };
}

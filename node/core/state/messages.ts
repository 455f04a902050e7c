import { HEADER_BYTES } from "../chain/header-bytes.ts";
import type { TransactionFacts } from "../chain/transaction-facts.ts";
import type { Hex } from "../chain/types.ts";
import { invariant } from "../support/invariant.ts";
import type { BlockEntry } from "./block-entry.ts";
import { type PlacedTransaction, SHORT_ID_BYTES, ShortIds } from "./compact-block.ts";

/**
 * What nodes say to one another. Messages are immutable and carry references to shared facts; one object for each
 * block and kind serves every send. `wire.ts` gives the bytes they are on a live link.
 */
export type Message =
  | BlockMessage
  | GetHeadersMessage
  | HeadersMessage
  | TransactionNamesMessage
  | TransactionsMessage
  | CompactMessage
  | RequestMissingMessage
  | MissingMessage;

interface Envelope {
  /** Names the message where its delay on a link is drawn: equal messages of one link have equal draws. 32 bits, unsigned. */
  readonly drawKey: number;
  /** On the wire, frame included. */
  readonly sizeBytes: number;
}

/**
 * `announce`: I hold this block, here is its header. `request`: send me its body. `block`: header and body.
 * `not-found`: I do not hold what you asked for.
 */
export interface BlockMessage extends Envelope {
  readonly kind: "announce" | "request" | "block" | "not-found";
  readonly block: BlockEntry;
  /** 0 for the first request, then one more each; answers repeat it, so that a retry is not the same draw. */
  readonly attempt: number;
}

/** Asks for the headers of the receiver's best chain that follow the first hash of `locator` that is on it. */
export interface GetHeadersMessage extends Envelope {
  readonly kind: "get-headers";
  /** From the sender's best header downwards, gaps doubling, genesis last. */
  readonly locator: readonly Hex[];
}

/** Headers, height ascending, each the parent of the next. */
export interface HeadersMessage extends Envelope {
  readonly kind: "headers";
  readonly blocks: readonly BlockEntry[];
}

/** `announce-transactions`: these wait in my mempool. `request-transactions`: send me these; what the receiver no longer has it leaves out. */
export interface TransactionNamesMessage extends Envelope {
  readonly kind: "announce-transactions" | "request-transactions";
  readonly ids: readonly Hex[];
}

export interface TransactionsMessage extends Envelope {
  readonly kind: "transactions";
  readonly transactions: readonly TransactionFacts[];
}

/**
 * I hold this block: its header, its coinbase and whatever else the receiver will lack, and the short ids of its other transactions in their
 * order.
 */
export interface CompactMessage extends Envelope {
  readonly kind: "compact";
  readonly block: BlockEntry;
  readonly shortIds: readonly number[];
  /** Positions ascending, the coinbase first, and all within the block. */
  readonly prefilled: readonly PlacedTransaction[];
}

/** Send me these transactions of the block. */
export interface RequestMissingMessage extends Envelope {
  readonly kind: "request-missing";
  readonly block: BlockEntry;
  /** Positions in the block, the coinbase's is 0; ascending. */
  readonly positions: readonly number[];
}

/** What was asked for, in that order. */
export interface MissingMessage extends Envelope {
  readonly kind: "missing";
  readonly block: BlockEntry;
  readonly transactions: readonly TransactionFacts[];
}

/** Kind and length of a message on the wire. */
const FRAME_BYTES = 5;
const HASH_BYTES = 32;
const ATTEMPT_BYTES = 1;
const COUNT_BYTES = 4;
const POSITION_BYTES = 2;

export function makeBlockMessage(
  kind: BlockMessage["kind"],
  block: BlockEntry,
  attempt: number,
): BlockMessage {
  return {
    kind,
    block,
    attempt,
    drawKey: drawKey(block.hash, kind, attempt),
    sizeBytes: blockMessageBytes(kind, block),
  };
}

export function makeGetHeaders(locator: readonly Hex[]): GetHeadersMessage {
  const sizeBytes = FRAME_BYTES + COUNT_BYTES + HASH_BYTES * locator.length;
  return { kind: "get-headers", locator, drawKey: drawKey(locator[0] ?? "0", "get-headers", 0), sizeBytes };
}

export function makeHeaders(blocks: readonly BlockEntry[]): HeadersMessage {
  const sizeBytes = FRAME_BYTES + COUNT_BYTES + HEADER_BYTES * blocks.length;
  return { kind: "headers", blocks, drawKey: drawKey(blocks.at(-1)?.hash ?? "0", "headers", 0), sizeBytes };
}

export function makeTransactionNames(
  kind: TransactionNamesMessage["kind"],
  ids: readonly Hex[],
): TransactionNamesMessage {
  const sizeBytes = FRAME_BYTES + COUNT_BYTES + HASH_BYTES * ids.length;
  return { kind, ids, drawKey: drawKey(ids[0] ?? "0", kind, 0), sizeBytes };
}

export function makeTransactions(transactions: readonly TransactionFacts[]): TransactionsMessage {
  const sizeBytes = transactions.reduce(
    (sum, facts) => sum + COUNT_BYTES + facts.sizeBytes,
    FRAME_BYTES + COUNT_BYTES,
  );
  return {
    kind: "transactions",
    transactions,
    drawKey: drawKey(transactions[0]?.id ?? "0", "transactions", 0),
    sizeBytes,
  };
}

/** The compact form of a block whose body is here, for whoever lacks nothing but the coinbase. One message object serves every such send. */
export function makeCompact(block: BlockEntry, transactions: readonly TransactionFacts[]): CompactMessage {
  const [coinbase, ...others] = transactions;
  invariant(coinbase !== undefined, `block ${block.hash} has no coinbase`);
  const keyed = new ShortIds(block.hash);
  const shortIds = others.map(({ id }) => keyed.of(id));
  return compactMessage(block, shortIds, [{ position: 0, facts: coinbase }]);
}

/** The same with the transactions at these positions, ascending, in place of their short ids. */
export function prefill(
  { block, shortIds, prefilled }: CompactMessage,
  transactions: readonly TransactionFacts[],
  positions: readonly number[],
): CompactMessage {
  const isWhole = new Set(positions);
  const added = positions.map((position) => ({
    position,
    facts: transactions[position] as TransactionFacts,
  }));
  return compactMessage(
    block,
    shortIds.filter((_, index) => !isWhole.has(index + 1)),
    [...prefilled, ...added],
  );
}

/** What came from a peer. */
export function compactMessage(
  block: BlockEntry,
  shortIds: readonly number[],
  prefilled: readonly PlacedTransaction[],
): CompactMessage {
  const sizeBytes = prefilled.reduce(
    (sum, { facts }) => sum + POSITION_BYTES + COUNT_BYTES + facts.sizeBytes,
    FRAME_BYTES + HEADER_BYTES + COUNT_BYTES + SHORT_ID_BYTES * shortIds.length + COUNT_BYTES,
  );
  return {
    kind: "compact",
    block,
    shortIds,
    prefilled,
    drawKey: drawKey(block.hash, "compact", 0),
    sizeBytes,
  };
}

export function makeRequestMissing(block: BlockEntry, positions: readonly number[]): RequestMissingMessage {
  const sizeBytes = FRAME_BYTES + HASH_BYTES + COUNT_BYTES + POSITION_BYTES * positions.length;
  const key = drawKey(block.hash, "request-missing", 0);
  return { kind: "request-missing", block, positions, drawKey: key, sizeBytes };
}

export function makeMissing(block: BlockEntry, transactions: readonly TransactionFacts[]): MissingMessage {
  const sizeBytes = transactions.reduce(
    (sum, facts) => sum + COUNT_BYTES + facts.sizeBytes,
    FRAME_BYTES + HASH_BYTES + COUNT_BYTES,
  );
  return { kind: "missing", block, transactions, drawKey: drawKey(block.hash, "missing", 0), sizeBytes };
}

function blockMessageBytes(kind: BlockMessage["kind"], block: BlockEntry): number {
  switch (kind) {
    case "announce":
      return FRAME_BYTES + HEADER_BYTES;
    case "block":
      return FRAME_BYTES + ATTEMPT_BYTES + block.sizeBytes;
    default:
      return FRAME_BYTES + ATTEMPT_BYTES + HASH_BYTES;
  }
}

const KIND_SALT: Record<Message["kind"], number> = {
  announce: 0x1b873593,
  request: 0x2c1b3c6d,
  block: 0x3c6ef372,
  "not-found": 0x4cf5ad43,
  "get-headers": 0x5bd1e995,
  headers: 0x68e31da4,
  "announce-transactions": 0x165667b1,
  "request-transactions": 0x27d4eb2f,
  transactions: 0x7feb352d,
  compact: 0x3243f6a9,
  "request-missing": 0x452821e7,
  missing: 0x13198a2f,
};

/** Any 32 bits of a hash are as good as drawn, so the last eight digits name what the message is about; the first are zeros where work was done. */
function drawKey(hash: Hex, kind: Message["kind"], attempt: number): number {
  return (Number.parseInt(hash.slice(-8), 16) ^ KIND_SALT[kind] ^ Math.imul(attempt, 0x9e3779b1)) >>> 0;
}

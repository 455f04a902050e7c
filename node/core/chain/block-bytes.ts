import { ByteReader, ByteWriter, type Decoded } from "./bytes.ts";
import { encodeHeader, HEADER_BYTES, readHeader } from "./header-bytes.ts";
import {
  COINBASE_BYTES,
  decodeTransaction,
  encodeTransaction,
  TRANSACTION_BYTES_MIN,
} from "./transaction-bytes.ts";
import type { TransactionFacts } from "./transaction-facts.ts";
import type { Block, Transaction } from "./types.ts";

const COUNT_BYTES = 4;

/** The length that stands before each transaction of a block. */
export const TRANSACTION_FRAME_BYTES = 4;

/** Header, number of transactions, then each transaction after its length. */
export function encodeBlock(block: Block): Uint8Array {
  const transactions = block.transactions.map(encodeTransaction);
  const sizeBytes = transactions.reduce(
    (sum, bytes) => sum + TRANSACTION_FRAME_BYTES + bytes.length,
    HEADER_BYTES + COUNT_BYTES,
  );
  const writer = new ByteWriter(sizeBytes);
  writer.bytes(encodeHeader(block.header));
  writer.u32(transactions.length);
  for (const bytes of transactions) {
    writer.u32(bytes.length);
    writer.bytes(bytes);
  }
  return writer.finish();
}

/** A block, and beside each of its transactions the bytes that it was read from: a view of them. */
export interface ReadBlock extends Block {
  readonly encoded: readonly Uint8Array[];
}

/** The block that exactly these bytes encode; its shape only, no rule of the chain. */
export function decodeBlock(bytes: Uint8Array): Decoded<ReadBlock> {
  const reader = new ByteReader(bytes);
  const header = readHeader(reader);
  const transactions: Transaction[] = [];
  const encoded: Uint8Array[] = [];
  const count = reader.u32();
  // A count is four bytes to claim and may cost gigabytes to believe.
  if (reader.hasRoomFor(count, TRANSACTION_FRAME_BYTES + TRANSACTION_BYTES_MIN)) {
    for (let index = 0; index < count; index += 1) {
      const transactionBytes = reader.bytes(reader.u32());
      const decoded = decodeTransaction(transactionBytes);
      if (decoded.fault !== null) {
        reader.fail(`transaction ${index}: ${decoded.fault}`);
        break;
      }
      transactions.push(decoded.value);
      encoded.push(transactionBytes);
    }
  }
  return reader.finish({ header, transactions, encoded });
}

/** Bytes of a block that holds these transactions, without encoding it. */
export function blockSizeBytes(transactions: readonly TransactionFacts[]): number {
  let sizeBytes = HEADER_BYTES + COUNT_BYTES;
  for (const facts of transactions) sizeBytes += TRANSACTION_FRAME_BYTES + facts.sizeBytes;
  return sizeBytes;
}

/** Bytes that a block of at most `blockBytesMax` leaves for transactions and their frames besides its coinbase; 0 if none. */
export function roomForTransactionsBytes(blockBytesMax: number): number {
  return Math.max(0, blockBytesMax - HEADER_BYTES - COUNT_BYTES - TRANSACTION_FRAME_BYTES - COINBASE_BYTES);
}

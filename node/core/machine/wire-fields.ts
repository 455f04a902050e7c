import { TRANSACTION_FRAME_BYTES } from "../chain/block-bytes.ts";
import type { ByteReader, ByteWriter } from "../chain/bytes.ts";
import { decodeTransaction, encodeTransaction, TRANSACTION_BYTES_MIN } from "../chain/transaction-bytes.ts";
import type { TransactionFacts } from "../chain/transaction-facts.ts";
import type { Hex } from "../chain/types.ts";
import type { BlockTree } from "../state/block-tree.ts";

/** A count, and so many hashes. */
export function readHashes(reader: ByteReader, countMax: number): Hex[] {
  const count = readCount(reader, countMax, 32);
  const hashes: Hex[] = [];
  for (let index = 0; index < count; index += 1) hashes.push(reader.hex(32));
  return hashes;
}

/** A count that a peer states, 0 after a fault: bounded by what is allowed and by what can follow, before anything is made room for. */
export function readCount(reader: ByteReader, countMax: number, itemBytesMin: number): number {
  const count = reader.u32();
  if (count > countMax) reader.fail(`${count} items, ${countMax} at most`);
  return reader.hasRoomFor(count, itemBytesMin) ? count : 0;
}

/** Its length, and its bytes. */
export function writeTransaction(writer: ByteWriter, { tx, sizeBytes }: TransactionFacts): void {
  writer.u32(sizeBytes);
  writer.bytes(encodeTransaction(tx));
}

/** Null after a fault. */
export function readTransaction(reader: ByteReader, tree: BlockTree): TransactionFacts | null {
  const bytes = reader.bytes(reader.u32());
  const decoded = decodeTransaction(bytes);
  if (decoded.fault === null) return tree.transactions.factsOf(decoded.value, bytes);
  reader.fail(decoded.fault);
  return null;
}

/** A count, and so many transactions. */
export function writeTransactions(writer: ByteWriter, transactions: readonly TransactionFacts[]): void {
  writer.u32(transactions.length);
  for (const facts of transactions) writeTransaction(writer, facts);
}

/** Those before the first that is none. */
export function readTransactions(reader: ByteReader, countMax: number, tree: BlockTree): TransactionFacts[] {
  const count = readCount(reader, countMax, TRANSACTION_FRAME_BYTES + TRANSACTION_BYTES_MIN);
  const transactions: TransactionFacts[] = [];
  for (let index = 0; index < count; index += 1) {
    const facts = readTransaction(reader, tree);
    if (facts === null) break;
    transactions.push(facts);
  }
  return transactions;
}

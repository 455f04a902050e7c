import { frameOf } from "./foe.ts";

/** How many items follow. */
export function count(items: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(items);
  return bytes;
}

/** One message with these transactions, as they are encoded. */
export function transactionsFrame(transactions: readonly Uint8Array[]): Uint8Array[] {
  const framed = transactions.flatMap((bytes) => [count(bytes.length), bytes]);
  return [frameOf("transactions", Buffer.concat([count(transactions.length), ...framed]))];
}

import { ByteReader, ByteWriter, type Decoded } from "../chain/bytes.ts";
import { bytesToHex, hexToBytes } from "../chain/hex.ts";
import type { Sha256 } from "../chain/sha256.ts";
import type { Coins, Hex } from "../chain/types.ts";
import { type AccountState, isEmptyAccount } from "../rules/account-state.ts";
import { AccountMap } from "./account-map.ts";
import { Ledger, type Records, recordsOf } from "./ledger.ts";

/** Another layout gets another number. */
const DOMAIN = new TextEncoder().encode("forklab ledger 2\n");
const DOMAIN_NAME_BYTES = "forklab ledger ".length;
const HASH_BYTES = 32;
/** With the counts of accounts and of records. */
const HEAD_BYTES = DOMAIN.length + HASH_BYTES + 4 + 4 + 4;
/** Key, next sequence (48 bits: one more than a u32 can be), balance (128 bits: no sum of coins is larger). */
const ACCOUNT_BYTES = 32 + 6 + 16;
/** Of a record that is empty: the lengths of key and text. */
const RECORD_BYTES_MIN = 2 + 2;
const LOW_BITS = 64n;
const LOW_MASK = (1n << LOW_BITS) - 1n;

/** Which block a ledger stands after. */
export interface LedgerPlace {
  readonly hash: Hex;
  readonly height: number;
}

/**
 * The canonical bytes of the ledger after a block: place, every account that is not empty in the order of their keys, every record in the order of
 * its key's bytes, and last the SHA-256 of all that. Ledgers that hold the same after the same block have the same bytes.
 */
export function encodeLedger({ hash, height }: LedgerPlace, ledger: Ledger, sha256: Sha256): Uint8Array {
  const accounts = ledger.index.accounts
    .filter((account) => !isEmptyAccount(ledger.accountOf(account)))
    .sort();
  const records = recordsOf(ledger)
    .map(([key, text]) => [UTF8_ENCODER.encode(key), UTF8_ENCODER.encode(text)] as const)
    .sort(([a], [b]) => compareBytes(a, b));
  const recordBytes = records.reduce(
    (sum, [key, text]) => sum + RECORD_BYTES_MIN + key.length + text.length,
    0,
  );
  const contentBytes = HEAD_BYTES + accounts.length * ACCOUNT_BYTES + recordBytes;
  const writer = new ByteWriter(contentBytes);
  writer.bytes(DOMAIN);
  writer.hex(hash, HASH_BYTES);
  writer.u32(height);
  writer.u32(accounts.length);
  for (const account of accounts) {
    const { balance, nextSequence } = ledger.accountOf(account);
    writer.hex(account, 32);
    writer.u48(nextSequence);
    writer.u64(balance >> LOW_BITS);
    writer.u64(balance & LOW_MASK);
  }
  writer.u32(records.length);
  for (const bytes of records.flat()) {
    writer.u16(bytes.length);
    writer.bytes(bytes);
  }
  const content = writer.finish();
  const bytes = new Uint8Array(contentBytes + HASH_BYTES);
  bytes.set(content);
  bytes.set(hexToBytes(sha256(content)), contentBytes);
  return bytes;
}

/** Whether a version with another layout wrote these bytes. */
export function isOtherLedgerFormat(bytes: Uint8Array): boolean {
  const [name, number] = [bytes.subarray(0, DOMAIN_NAME_BYTES), bytes.subarray(0, DOMAIN.length)];
  return (
    compareBytes(name, DOMAIN.subarray(0, DOMAIN_NAME_BYTES)) === 0 && compareBytes(number, DOMAIN) !== 0
  );
}

/**
 * The ledger that exactly these bytes encode, if it is the one after `place` and holds `issued` coins; it takes part in the numbering of
 * accounts of `like`.
 */
export function decodeLedger(
  bytes: Uint8Array,
  place: LedgerPlace,
  issued: Coins,
  like: Ledger,
  sha256: Sha256,
): Decoded<Ledger> {
  const content = bytes.subarray(0, Math.max(0, bytes.length - HASH_BYTES));
  const digest = bytesToHex(bytes.subarray(content.length));
  if (sha256(content) !== digest)
    return { value: null, fault: "its bytes do not have the hash that stands behind them" };
  const reader = new ByteReader(content);
  if (bytesToHex(reader.bytes(DOMAIN.length)) !== bytesToHex(DOMAIN))
    reader.fail("not a ledger of this format");
  if (reader.hex(HASH_BYTES) !== place.hash || reader.u32() !== place.height)
    reader.fail("after another block");
  const count = reader.u32();
  let accounts = AccountMap.empty<AccountState>();
  let sum = 0n;
  for (let left = reader.hasRoomFor(count, ACCOUNT_BYTES) ? count : 0; left > 0; left -= 1) {
    const account = reader.hex(32);
    const nextSequence = reader.u48();
    const balance = (reader.u64() << LOW_BITS) | reader.u64();
    accounts = accounts.with(like.index.findOrAdd(account), { balance, nextSequence });
    sum += balance;
  }
  if (sum !== issued) reader.fail(`${sum} coins in place of ${issued}`);
  return reader.finish(new Ledger(like.index, accounts, readRecords(reader, like.records)));
}

function readRecords(reader: ByteReader, like: Records): Records {
  let texts = AccountMap.empty<string>();
  const count = reader.u32();
  for (let left = reader.hasRoomFor(count, RECORD_BYTES_MIN) ? count : 0; left > 0; left -= 1) {
    const key = UTF8_DECODER.decode(reader.bytes(reader.u16()));
    texts = texts.with(like.index.findOrAdd(key), UTF8_DECODER.decode(reader.bytes(reader.u16())));
  }
  return { index: like.index, texts };
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const count = Math.min(a.length, b.length);
  for (let at = 0; at < count; at += 1) if (a[at] !== b[at]) return (a[at] as number) - (b[at] as number);
  return a.length - b.length;
}

const UTF8_ENCODER = new TextEncoder();
// The bytes have the hash that this node made of them, so they are the UTF-8 that it wrote.
const UTF8_DECODER = new TextDecoder("utf-8", { ignoreBOM: true });

import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { decodeBlock, encodeBlock } from "../../core/chain/block-bytes.ts";
import { hexToBytes } from "../../core/chain/hex.ts";
import type { Block, Hex } from "../../core/chain/types.ts";
import { blockOf } from "../../core/machine/wire.ts";
import type { BlockEntry } from "../../core/state/block-entry.ts";
import type { ChainStore } from "../../ports/chain-store.ts";
import { StorageError } from "./storage-error.ts";

/** The file begins with this name and version, then the hash of genesis. Another layout gets another number. */
const MAGIC = Buffer.from("forklab blocks 1\n");
const PREAMBLE_BYTES = MAGIC.length + 32;

/** Before each block: its length and the CRC-32 of its bytes, 4 bytes each, big-endian. */
const RECORD_HEAD_BYTES = 8;

/** What stands at the end of the file and is no whole record: what a crash in the middle of a write leaves. */
export interface TornTail {
  readonly atByte: number;
  readonly sizeBytes: number;
}

/**
 * Blocks in one append-only file, parents before children. A block is written with one synchronous call, so it survives the end of the
 * process at any moment; it is not forced to the disk, so the loss of power may take the last seconds.
 */
export class FileChainStore implements ChainStore {
  readonly path: string;
  readonly #fd: number;
  readonly #blockBytesMax: number;
  #sizeBytes: number;

  /** Opens or makes the file. Throws a `StorageError` in words for people if it is another chain's or no such file. */
  constructor(folder: string, genesisHash: Hex, blockBytesMax: number) {
    this.path = join(folder, "blocks.dat");
    this.#blockBytesMax = blockBytesMax;
    this.#fd = openSync(this.path, "a+", 0o644);
    this.#sizeBytes = fstatSync(this.#fd).size;
    const preamble = Buffer.concat([MAGIC, hexToBytes(genesisHash)]);
    if (this.#sizeBytes < PREAMBLE_BYTES) {
      // Nothing can have been acknowledged from a file whose preamble is torn.
      ftruncateSync(this.#fd, 0);
      this.#sizeBytes = 0;
      this.#write(preamble);
      return;
    }
    const found = this.#read(0, PREAMBLE_BYTES);
    if (!found.subarray(0, MAGIC.length).equals(MAGIC))
      throw new StorageError(`${this.path} is not a file of blocks that this version can read`);
    if (!found.equals(preamble))
      throw new StorageError(
        `${this.path} belongs to another chain (genesis ${found.subarray(MAGIC.length).toString("hex")}, here ${genesisHash}); ` +
          "choose another --dir or move it away",
      );
  }

  append(_view: number, block: BlockEntry): void {
    const bytes = encodeBlock(blockOf(block));
    const record = Buffer.allocUnsafe(RECORD_HEAD_BYTES + bytes.length);
    record.writeUInt32BE(bytes.length, 0);
    record.writeUInt32BE(crc32(bytes), 4);
    record.set(bytes, RECORD_HEAD_BYTES);
    this.#write(record);
  }

  /** The blocks in the order in which they were appended. A torn tail is cut off, and returned when all is read. */
  *blocks(): Generator<Block, TornTail | null> {
    let atByte = PREAMBLE_BYTES;
    while (atByte < this.#sizeBytes) {
      const record = this.#recordAt(atByte);
      if (record === null) {
        const sizeBytes = this.#sizeBytes - atByte;
        ftruncateSync(this.#fd, atByte);
        this.#sizeBytes = atByte;
        return { atByte, sizeBytes };
      }
      const decoded = decodeBlock(record);
      if (decoded.fault !== null) throw new StorageError(`${this.path}, byte ${atByte}: ${decoded.fault}`);
      yield decoded.value;
      atByte += RECORD_HEAD_BYTES + record.length;
    }
    return null;
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** Null for a record that is not whole and is the file's last. One that is broken in the middle is damage, not a torn write. */
  #recordAt(atByte: number): Buffer | null {
    const left = this.#sizeBytes - atByte;
    if (left < RECORD_HEAD_BYTES) return null;
    const head = this.#read(atByte, RECORD_HEAD_BYTES);
    const length = head.readUInt32BE(0);
    if (length > left - RECORD_HEAD_BYTES) return null;
    const isLast = length === left - RECORD_HEAD_BYTES;
    const isWhole = length <= this.#blockBytesMax;
    const bytes = isWhole ? this.#read(atByte + RECORD_HEAD_BYTES, length) : null;
    if (bytes !== null && crc32(bytes) === head.readUInt32BE(4)) return bytes;
    if (isLast) return null;
    throw new StorageError(
      `${this.path} is damaged at byte ${atByte}, before its end; move it away, and the blocks come again from peers`,
    );
  }

  #read(atByte: number, sizeBytes: number): Buffer {
    const bytes = Buffer.allocUnsafe(sizeBytes);
    let done = 0;
    while (done < sizeBytes) {
      const count = readSync(this.#fd, bytes, done, sizeBytes - done, atByte + done);
      if (count === 0) throw new StorageError(`${this.path} became shorter while it was read`);
      done += count;
    }
    return bytes;
  }

  #write(bytes: Buffer): void {
    try {
      let done = 0;
      while (done < bytes.length) done += writeSync(this.#fd, bytes, done);
    } catch (error) {
      throw new StorageError(`${this.path} cannot be written: ${String(error)}`, { cause: error });
    }
    this.#sizeBytes += bytes.length;
  }
}

// Made from node/core/chain/bytes.ts by node/web/signing/build.ts; do not edit.
import { invariant } from "./invariant.js";
import { bytesToHex, writeHex } from "./hex.js";

export const U32_MAX = 0xffff_ffff;
export const U48_MAX = 2 ** 48 - 1;
export const U64_MAX = 2n ** 64n - 1n;

/** What decoding outside bytes gives: the value, or in words what is wrong with the bytes. */

/**
 * Writes big-endian fields into an array whose size is known before. A value that its field cannot hold trips the
 * invariant: what comes from outside is checked before it is encoded.
 */
export class ByteWriter {
           #bytes            ;
           #view          ;
  #offset = 0;

  constructor(sizeBytes        ) {
    this.#bytes = new Uint8Array(sizeBytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  u8(value        )       {
    invariant(isUnsigned(value, 0xff), "not a u8");
    this.#view.setUint8(this.#advance(1), value);
  }

  u16(value        )       {
    invariant(isUnsigned(value, 0xffff), "not a u16");
    this.#view.setUint16(this.#advance(2), value);
  }

  u32(value        )       {
    invariant(isUnsigned(value, U32_MAX), "not a u32");
    this.#view.setUint32(this.#advance(4), value);
  }

  u48(value        )       {
    invariant(isUnsigned(value, U48_MAX), "not a u48");
    const offset = this.#advance(6);
    this.#view.setUint16(offset, Math.floor(value / 2 ** 32));
    this.#view.setUint32(offset + 2, value % 2 ** 32);
  }

  u64(value        )       {
    invariant(value >= 0n && value <= U64_MAX, "not a u64");
    this.#view.setBigUint64(this.#advance(8), value);
  }

  hex(value     , byteCount        )       {
    invariant(value.length === byteCount * 2, "hex of another length than the field");
    writeHex(value, this.#bytes, this.#advance(byteCount));
  }

  bytes(value            )       {
    this.#bytes.set(value, this.#advance(value.length));
  }

  /** The bytes. Every one must have been written. */
  finish()             {
    invariant(this.#offset === this.#bytes.length, "not every byte was written");
    return this.#bytes;
  }

  #advance(byteCount        )         {
    const offset = this.#offset;
    this.#offset += byteCount;
    invariant(this.#offset <= this.#bytes.length, "more written than there is room for");
    return offset;
  }
}

/**
 * Reads big-endian fields from bytes of unknown origin. Never throws: the first thing wrong is kept as the fault, every
 * read after it gives zeros, and `finish` hands the fault out. A loop over a count that was read needs `hasRoomFor` first.
 */
export class ByteReader {
           #bytes            ;
           #view          ;
  #offset = 0;
  #fault                = null;

  constructor(bytes            ) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8()         {
    const offset = this.#advance(1);
    return offset < 0 ? 0 : this.#view.getUint8(offset);
  }

  u16()         {
    const offset = this.#advance(2);
    return offset < 0 ? 0 : this.#view.getUint16(offset);
  }

  u32()         {
    const offset = this.#advance(4);
    return offset < 0 ? 0 : this.#view.getUint32(offset);
  }

  u48()         {
    const offset = this.#advance(6);
    return offset < 0 ? 0 : this.#view.getUint16(offset) * 2 ** 32 + this.#view.getUint32(offset + 2);
  }

  u64()         {
    const offset = this.#advance(8);
    return offset < 0 ? 0n : this.#view.getBigUint64(offset);
  }

  hex(byteCount        )      {
    return bytesToHex(this.bytes(byteCount));
  }

  /** A view, not a copy; empty after a fault. */
  bytes(byteCount        )             {
    const offset = this.#advance(byteCount);
    return offset < 0 ? NO_BYTES : this.#bytes.subarray(offset, offset + byteCount);
  }

  /** Faults, and says false, unless `count` items of at least `itemBytesMin` each may still follow. */
  hasRoomFor(count        , itemBytesMin        )          {
    if (count * itemBytesMin > this.#bytes.length - this.#offset) this.fail(`${count} items cannot fit`);
    return this.#fault === null;
  }

  /** Notes what is wrong; the first fault stays. */
  fail(fault        )       {
    this.#fault ??= `${fault} (at byte ${this.#offset} of ${this.#bytes.length})`;
  }

  /** `value` if nothing was wrong and every byte was read. */
  finish   (value   )             {
    if (this.#offset < this.#bytes.length) this.fail(`${this.#bytes.length - this.#offset} bytes too many`);
    return this.#fault === null ? { value, fault: null } : { value: null, fault: this.#fault };
  }

  /** The offset of a field, or -1 if it is not there. */
  #advance(byteCount        )         {
    const offset = this.#offset;
    if (this.#fault === null && byteCount > this.#bytes.length - offset)
      this.fail(`${byteCount} bytes expected`);
    if (this.#fault !== null) return -1;
    this.#offset = offset + byteCount;
    return offset;
  }
}

const NO_BYTES = new Uint8Array(0);

export function isUnsigned(value        , max        )          {
  return Number.isInteger(value) && value >= 0 && value <= max;
}

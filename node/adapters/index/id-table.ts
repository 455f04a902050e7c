import { randomInt } from "node:crypto";
import type { Hex } from "../../core/chain/types.ts";

/** A power of two. */
const SLOT_COUNT_MIN = 1_024;

/**
 * Ids to numbers in some 16 bytes each, where a Map with its keys takes over a hundred. It keeps 32 bits of a hash of each id, so what it finds
 * are candidates: whoever asks looks whether they are meant. The hash is keyed, lest somebody makes ids that share a slot. Open addressing with
 * linear probing; a removal shifts back what was pushed on (Knuth, volume 3, section 6.4, algorithm R).
 */
export class IdTable {
  readonly #keys = [randomInt(2 ** 32), randomInt(2 ** 32)] as const;
  #hashes = new Uint32Array(SLOT_COUNT_MIN);
  /** One more than the number; 0 is a free slot. */
  #numbers = new Uint32Array(SLOT_COUNT_MIN);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  get sizeBytes(): number {
    return 8 * this.#numbers.length;
  }

  /** `number`: 0 to 2^32 - 2. */
  add(id: Hex, number: number): void {
    if (2 * (this.#count + 1) > this.#numbers.length) this.#grow();
    this.#put(this.#hash(id), number + 1);
    this.#count += 1;
  }

  /** The numbers of all ids that have this one's hash. */
  *candidates(id: Hex): Generator<number> {
    const hash = this.#hash(id);
    const mask = this.#numbers.length - 1;
    for (let slot = hash & mask; this.#numbers[slot] !== 0; slot = (slot + 1) & mask)
      if (this.#hashes[slot] === hash) yield (this.#numbers[slot] as number) - 1;
  }

  /** Does nothing where the pair is not there. */
  remove(id: Hex, number: number): void {
    const hash = this.#hash(id);
    const mask = this.#numbers.length - 1;
    for (let slot = hash & mask; this.#numbers[slot] !== 0; slot = (slot + 1) & mask) {
      if (this.#hashes[slot] !== hash || this.#numbers[slot] !== number + 1) continue;
      this.#free(slot);
      this.#count -= 1;
      return;
    }
  }

  #free(first: number): void {
    const mask = this.#numbers.length - 1;
    let hole = first;
    for (let slot = (hole + 1) & mask; this.#numbers[slot] !== 0; slot = (slot + 1) & mask) {
      const home = (this.#hashes[slot] as number) & mask;
      // Where the hole lies between its home and where it is, it moves there.
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      this.#hashes[hole] = this.#hashes[slot] as number;
      this.#numbers[hole] = this.#numbers[slot] as number;
      hole = slot;
    }
    this.#numbers[hole] = 0;
  }

  #put(hash: number, entry: number): void {
    const mask = this.#numbers.length - 1;
    let slot = hash & mask;
    while (this.#numbers[slot] !== 0) slot = (slot + 1) & mask;
    this.#hashes[slot] = hash;
    this.#numbers[slot] = entry;
  }

  #grow(): void {
    const hashes = this.#hashes;
    const numbers = this.#numbers;
    this.#hashes = new Uint32Array(2 * hashes.length);
    this.#numbers = new Uint32Array(2 * numbers.length);
    for (const [slot, entry] of numbers.entries()) if (entry !== 0) this.#put(hashes[slot] as number, entry);
  }

  #hash(id: Hex): number {
    const high = Number.parseInt(id.slice(0, 8), 16) ^ this.#keys[0];
    const low = Number.parseInt(id.slice(8, 16), 16) ^ this.#keys[1];
    let hash = Math.imul(high, 0x9e3779b1) ^ Math.imul(low, 0x85ebca77);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    return (hash ^ (hash >>> 13)) >>> 0;
  }
}

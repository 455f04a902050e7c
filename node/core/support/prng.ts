import { invariant } from "./invariant.ts";

/**
 * Replayable randomness. Each consumer draws from a stream named after what it decides ("load arrivals"), so that
 * adding a node or a fault leaves every other draw as it was and two scenarios with one seed can be compared pair by pair.
 * Generator: sfc32 (Chris Doty-Humphrey's Small Fast Counting, PractRand), its state of 128 bits a hash of seed and name.
 */
export class Prng {
  readonly #seed: string;
  readonly #name: string;
  #a: number;
  #b: number;
  #c: number;
  #counter: number;

  constructor(seed: string, name = "") {
    this.#seed = seed;
    this.#name = name;
    [this.#a, this.#b, this.#c, this.#counter] = hashWords(streamKey(seed, name));
    // A dozen rounds mix the four words with one another; sfc32's author asks for as many.
    for (let round = 0; round < 12; round++) this.#uint32();
  }

  /** The stream called `name` below this one. It depends on the seed and the names alone, never on draws made. */
  stream(name: string): Prng {
    return new Prng(this.#seed, `${this.#name}/${name}`);
  }

  /** Uniform in [0, 1), a multiple of 2^-53: two draws of 32 bits, so that rare tails are not cut short. */
  uniform(): number {
    const high = this.#uint32() >>> 5;
    const low = this.#uint32() >>> 6;
    return (high * 0x4000000 + low) / 0x20000000000000;
  }

  /** Exponential with this mean, in the mean's unit. 1 - u keeps the logarithm off zero. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.uniform());
  }

  /** A whole number from 0 to `below` - 1, each exactly as likely; `below` from 1 to 2^32. */
  integer(below: number): number {
    invariant(Number.isInteger(below) && below >= 1 && below <= TWO_32, `an integer below ${below}`);
    // What lies past the last whole multiple of `below` is drawn again: a remainder alone favours small numbers.
    const limit = TWO_32 - (TWO_32 % below);
    let draw = this.#uint32();
    while (draw >= limit) draw = this.#uint32();
    return draw % below;
  }

  /** Reorders `items` in place, each order equally likely (Fisher and Yates), and returns it. */
  shuffle<Items extends { [index: number]: unknown; readonly length: number }>(items: Items): Items {
    for (let last = items.length - 1; last > 0; last--) {
      const chosen = this.integer(last + 1);
      const kept = items[last];
      items[last] = items[chosen];
      items[chosen] = kept;
    }
    return items;
  }

  #uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }
}

const TWO_32 = 0x100000000;

/**
 * The number, 0 to 2^32 - 1, that stands for a named stream in `keyedUniform`. Computed once per stream and kept.
 * Two names may share a number: among 50,000 streams one pair does in three or four seeds, and draws alike for the same keys.
 */
export function streamSeed(seed: string, name: string): number {
  return hashWords(streamKey(seed, name))[0];
}

/**
 * A draw strictly between 0 and 1 that follows from its arguments alone: the same link and message give the same draw
 * whatever else was drawn before. `key` and `salt` are integers, taken modulo 2^32; `salt` tells the decisions about one
 * key apart (its delay, its loss). Allocates nothing: the simulator calls it for every message.
 * Hash: MurmurHash3_x86_32 (Austin Appleby) of the words `key` and `salt` under the seed `streamSeed`.
 */
export function keyedUniform(streamSeed: number, key: number, salt: number): number {
  return (murmur3(streamSeed, key, salt) + 0.5) / TWO_32;
}

/** MurmurHash3_x86_32 of the eight bytes of `first` and `second`, little-endian; 0 to 2^32 - 1. */
export function murmur3(seed: number, first: number, second: number): number {
  let word = Math.imul(first, 0xcc9e2d51);
  word = (word << 15) | (word >>> 17);
  let hash = seed ^ Math.imul(word, 0x1b873593);
  hash = (hash << 13) | (hash >>> 19);
  hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  word = Math.imul(second, 0xcc9e2d51);
  word = (word << 15) | (word >>> 17);
  hash ^= Math.imul(word, 0x1b873593);
  hash = (hash << 13) | (hash >>> 19);
  hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  hash ^= 8;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The length of the seed leads, so that no other pair of seed and name reads the same. */
function streamKey(seed: string, name: string): string {
  return `${seed.length}:${seed}${name}`;
}

/** Four words from a text: cyrb128 by bryc (public domain), MurmurHash3's mixing in four lanes, by UTF-16 code units. */
function hashWords(text: string): [number, number, number, number] {
  let h1 = 1779033703;
  let h2 = 3144134277;
  let h3 = 1013904242;
  let h4 = 2773480762;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    h1 = h2 ^ Math.imul(h1 ^ unit, 597399067);
    h2 = h3 ^ Math.imul(h2 ^ unit, 2869860233);
    h3 = h4 ^ Math.imul(h3 ^ unit, 951274213);
    h4 = h1 ^ Math.imul(h4 ^ unit, 2716044179);
  }
  h1 = Math.imul(h3 ^ (h1 >>> 18), 597399067);
  h2 = Math.imul(h4 ^ (h2 >>> 22), 2869860233);
  h3 = Math.imul(h1 ^ (h3 >>> 17), 951274213);
  h4 = Math.imul(h2 ^ (h4 >>> 19), 2716044179);
  const mixed = h1 ^ h2 ^ h3 ^ h4;
  return [mixed >>> 0, (h2 ^ mixed) >>> 0, (h3 ^ mixed) >>> 0, (h4 ^ mixed) >>> 0];
}

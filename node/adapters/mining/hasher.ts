import type { Target } from "../../core/chain/target.ts";

/** A header for which a nonce is looked for. */
export interface Work {
  readonly id: number;
  readonly headerBytes: Uint8Array;
  readonly target: Target;
  /** Since when there is this work, on `hashClockMs`: what was hashed for the work before after this moment was for nothing, and is made up for. */
  readonly sinceMs: number;
}

/** A nonce that meets the target of the work of this id. */
export interface Find {
  readonly workId: number;
  readonly nonce: bigint;
  /** On `hashClockMs`. */
  readonly foundAtMs: number;
}

/** Something that hashes at a rate: in this thread or in another. After a find it waits for other work. */
export interface Hasher {
  /** Replaces the work before; null: to rest. */
  setWork(work: Work | null): void;
  setRate(hashesPerSec: number): void;
  hashesTried(): number;
  close(): Promise<void>;
}

/** Ms on the one clock that all threads of a process share: that of `performance` begins anew in each. */
export function hashClockMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Hashers that work on the same header are told apart by the first byte of their nonces, so there are no more of them. */
export const HASHER_COUNT_MAX = 256;

/** The nonce that the hasher of this index, from 0, begins with. The 2^56 after it are its own. */
export function firstNonceOf(hasherIndex: number): bigint {
  return BigInt(hasherIndex) << 56n;
}

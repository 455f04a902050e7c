import { invariant } from "../support/invariant.ts";
import { isUnsigned, U32_MAX } from "./bytes.ts";
import type { Hex } from "./types.ts";

/**
 * The number that a hash must not exceed, 1 to 2^256 - 1. Headers hold it in Bitcoin's compact form: the top byte is the
 * length in bytes, the lower three the leading bytes, of which the very first bit is a sign.
 * Source: Bitcoin Core, src/arith_uint256.cpp, SetCompact and GetCompact.
 */
export type Target = bigint;

/** The easiest target that compact form can state, 0xffff x 2^240: one hash in 65,536 misses it. No chain goes above it. */
export const EASIEST_COMPACT_TARGET = 0x2100ffff;

const HASH_SPACE = 2n ** 256n;
const SIGN_BIT = 0x0080_0000;
const MANTISSA_MASK = 0x007f_ffff;

/** The target that a compact form states; null if that is zero, negative or wider than 256 bits. */
export function targetFromCompact(compact: number): Target | null {
  if (!isUnsigned(compact, U32_MAX)) return null;
  const lengthBytes = compact >>> 24;
  const mantissa = compact & MANTISSA_MASK;
  if (mantissa === 0 || (compact & SIGN_BIT) !== 0) return null;
  // Right shifts drop low bits as Bitcoin does; long lengths are refused before anything is shifted by them.
  if (lengthBytes <= 3) return positiveOrNull(BigInt(mantissa >>> (8 * (3 - lengthBytes))));
  if (lengthBytes > 34) return null;
  const target = BigInt(mantissa) << BigInt(8 * (lengthBytes - 3));
  return target < HASH_SPACE ? target : null;
}

/** The compact form of a target, rounded down to the 15 to 23 leading bits that it has room for. */
export function compactFromTarget(target: Target): number {
  invariant(target > 0n && target < HASH_SPACE, "a target is from 1 to 2^256 - 1");
  let lengthBytes = Math.ceil(target.toString(16).length / 2);
  let mantissa = Number(
    lengthBytes <= 3 ? target << BigInt(8 * (3 - lengthBytes)) : target >> BigInt(8 * (lengthBytes - 3)),
  );
  if ((mantissa & SIGN_BIT) !== 0) {
    mantissa >>>= 8;
    lengthBytes += 1;
  }
  return lengthBytes * 2 ** 24 + mantissa;
}

/**
 * The compact form of the target 2^(256 - difficultyBits): a hash meets it with that many leading zero bits, if the number is
 * whole, and 2^difficultyBits hashes are expected. Rounding to compact form moves the expectation by 2^-15 of itself at
 * most. From 0 (which gives the easiest target) to 255.
 */
export function compactFromDifficulty(difficultyBits: number): number {
  invariant(difficultyBits >= 0 && difficultyBits <= 255, "a difficulty is from 0 to 255 bits");
  const exponent = 256 - difficultyBits;
  const whole = Math.floor(exponent);
  // 2^fraction with 52 bits after the point: far more than compact form keeps.
  const scaled = BigInt(Math.round(2 ** (exponent - whole) * 2 ** 52));
  const target = (scaled << BigInt(whole)) >> 52n;
  return compactFromTarget(target < HASH_SPACE ? target : HASH_SPACE - 1n);
}

/** Difficulty in bits: the base-2 logarithm of the hashes expected. Trips on a compact form that states no target. */
export function difficultyOf(compact: number): number {
  const passing = expectTarget(compact) + 1n;
  // A double holds 53 bits, and its exponent reaches past 2^256: the conversion rounds in the last of them only.
  return 256 - Math.log2(Number(passing));
}

/** Hashes expected to meet `target`: floor(2^256 / (target + 1)). Source: Bitcoin Core, src/chain.cpp, GetBlockProof. */
export function workOfTarget(target: Target): bigint {
  return HASH_SPACE / (target + 1n);
}

/** `workOfTarget` of a compact form that is known to state a target. */
export function workOfCompact(compact: number): bigint {
  return workOfTarget(expectTarget(compact));
}

/** Whether a hash, read as a big-endian number, is at most the target. */
export function meetsTarget(hash: Hex, target: Target): boolean {
  return BigInt(`0x${hash}`) <= target;
}

function expectTarget(compact: number): Target {
  const target = targetFromCompact(compact);
  invariant(target !== null, "a compact form that states no target");
  return target;
}

function positiveOrNull(value: bigint): bigint | null {
  return value > 0n ? value : null;
}

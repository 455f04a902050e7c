/**
 * Looks for a nonce with which the SHA-256 of a header meets a target: four nonces at once, one in each lane of a vector of 128 bits.
 *
 * This is AssemblyScript, not TypeScript: `npm run generate` compiles it to ../nonce-search.wasm, and neither the type checker nor the formatter of the
 * rest reads it. The words and letters are those of FIPS 180-4. docs/mining.md says what is computed how often; core/chain/header-bytes.ts has the layout.
 */

/** The 119 bytes of a header; behind them its padding, so that they are two chunks of 64. */
export const HEADER: usize = memory.data(128, 16);

/** 32 bytes, the highest first. */
export const TARGET: usize = memory.data(32, 16);

// prettier-ignore
const K: usize = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
], 16);

const INITIAL: usize = memory.data<u32>([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
], 16);

/** Where in the second chunk the nonce is: its highest byte ends word 11, four are word 12, and three begin word 13, with the first byte of padding. */
const NONCE_OFFSET: usize = 111;

/** Nonces that differ in word 13 alone. */
const WINDOW_COUNT: u32 = 1 << 24;

/** Hash state after the first chunk, and the working variables after the 13 rounds that come before word 13: 8 words each. */
const MIDSTATE: usize = memory.data(32, 16);
const BEFORE: usize = memory.data(32, 16);

/** A message schedule of 64 words. Of the second chunk: what of words 16 to 31 does not depend on word 13. */
const FIXED: usize = memory.data(4 * 64, 16);

/** The schedule of the second chunk, 64 words of four lanes; and the hash, 8 words of four lanes. */
const W: usize = memory.data(16 * 64, 16);
const HASH: usize = memory.data(16 * 8, 16);

/** To be called when HEADER or TARGET was written: computes the midstate. */
export function prepare(): void {
  store<u8>(HEADER, 0x80, 119);
  for (let at: usize = 120; at < 126; at++) store<u8>(HEADER + at, 0);
  store<u16>(HEADER, bswap<u16>(119 * 8), 126);
  readChunk(HEADER);
  for (let t: usize = 16; t < 64; t++)
    setFixed(t, sigma1(fixed(t - 2)) + fixed(t - 7) + sigma0(fixed(t - 15)) + fixed(t - 16));
  memory.copy(MIDSTATE, INITIAL, 32);
  rounds(MIDSTATE, 64);
  for (let at: usize = 0; at < 32; at += 4)
    store<u32>(MIDSTATE + at, load<u32>(MIDSTATE + at) + load<u32>(INITIAL + at));
}

/** Tries `count` nonces from `nonce` on; the index of the first whose hash is at most the target, or `count` if there is none. */
export function search(nonce: u64, count: u32): u32 {
  let done: u32 = 0;
  while (done < count) {
    const low = <u32>(nonce + done) & (WINDOW_COUNT - 1);
    const share = min(count - done, WINDOW_COUNT - low);
    openWindow(nonce + done);
    const index = searchWindow(low, share);
    if (index < share) return done + index;
    done += share;
  }
  return count;
}

/** Does what is the same for all nonces that share their upper 40 bits. */
function openWindow(nonce: u64): void {
  store<u64>(HEADER + NONCE_OFFSET, bswap<u64>(nonce));
  readChunk(HEADER + 64);
  memory.copy(BEFORE, MIDSTATE, 32);
  rounds(BEFORE, 13);
  for (let t: usize = 16; t < 32; t++) {
    // Words that the lanes compute count as zero here: word 13, 20, 22, 24 and all from 26 on.
    let sum: u32 = 0;
    if (!inLanes(t - 2)) sum += sigma1(fixed(t - 2));
    if (!inLanes(t - 7)) sum += fixed(t - 7);
    if (!inLanes(t - 15)) sum += sigma0(fixed(t - 15));
    if (!inLanes(t - 16)) sum += fixed(t - 16);
    setFixed(t, sum);
  }
  for (let t: usize = 14; t < 32; t++) v128.store(W + 16 * t, i32x4.splat(fixed(t)));
}

function inLanes(t: usize): bool {
  return t == 13 || t == 20 || t == 22 || t == 24 || t >= 26;
}

function searchWindow(low: u32, count: u32): u32 {
  const topWord = v128.load32_splat(MIDSTATE);
  const topTarget = i32x4.splat(bswap(load<u32>(TARGET)));
  for (let index: u32 = 0; index < count; index += 4) {
    const w13 = add(i32x4.splat(((low + index) << 8) | 0x80), i32x4(0, 0x100, 0x200, 0x300));
    schedule(w13);

    // In each round the letters move on by one, so that the variable of h becomes a. Three rounds are left until they stand as they are called.
    let d = each(BEFORE), e = each(BEFORE + 4), f = each(BEFORE + 8), g = each(BEFORE + 12);
    let h = each(BEFORE + 16), a = each(BEFORE + 20), b = each(BEFORE + 24), c = each(BEFORE + 28);
    c = t1(h, a, b, c, add(each(K + 4 * 13), w13)); g = add(g, c); c = add(c, t2(d, e, f));
    b = t1(g, h, a, b, add(each(K + 4 * 14), w(14))); f = add(f, b); b = add(b, t2(c, d, e));
    a = t1(f, g, h, a, add(each(K + 4 * 15), w(15))); e = add(e, a); a = add(a, t2(b, c, d));

    for (let t: usize = 16; t < 32; t += 8) {
      h = t1(e, f, g, h, kw(t)); d = add(d, h); h = add(h, t2(a, b, c));
      g = t1(d, e, f, g, kw(t + 1)); c = add(c, g); g = add(g, t2(h, a, b));
      f = t1(c, d, e, f, kw(t + 2)); b = add(b, f); f = add(f, t2(g, h, a));
      e = t1(b, c, d, e, kw(t + 3)); a = add(a, e); e = add(e, t2(f, g, h));
      d = t1(a, b, c, d, kw(t + 4)); h = add(h, d); d = add(d, t2(e, f, g));
      c = t1(h, a, b, c, kw(t + 5)); g = add(g, c); c = add(c, t2(d, e, f));
      b = t1(g, h, a, b, kw(t + 6)); f = add(f, b); b = add(b, t2(c, d, e));
      a = t1(f, g, h, a, kw(t + 7)); e = add(e, a); a = add(a, t2(b, c, d));
    }
    for (let t: usize = 32; t < 64; t += 8) {
      h = t1(e, f, g, h, nextKw(t)); d = add(d, h); h = add(h, t2(a, b, c));
      g = t1(d, e, f, g, nextKw(t + 1)); c = add(c, g); g = add(g, t2(h, a, b));
      f = t1(c, d, e, f, nextKw(t + 2)); b = add(b, f); f = add(f, t2(g, h, a));
      e = t1(b, c, d, e, nextKw(t + 3)); a = add(a, e); e = add(e, t2(f, g, h));
      d = t1(a, b, c, d, nextKw(t + 4)); h = add(h, d); d = add(d, t2(e, f, g));
      c = t1(h, a, b, c, nextKw(t + 5)); g = add(g, c); c = add(c, t2(d, e, f));
      b = t1(g, h, a, b, nextKw(t + 6)); f = add(f, b); b = add(b, t2(c, d, e));
      a = t1(f, g, h, a, nextKw(t + 7)); e = add(e, a); a = add(a, t2(b, c, d));
    }

    // Nearly every try ends here, by the hash's first word alone.
    if (!v128.any_true(i32x4.le_u(add(a, topWord), topTarget))) continue;
    setHash(0, a); setHash(1, b); setHash(2, c); setHash(3, d);
    setHash(4, e); setHash(5, f); setHash(6, g); setHash(7, h);
    for (let lane: u32 = 0; lane < min(count - index, 4); lane++) if (meetsTarget(lane)) return index + lane;
  }
  return count;
}

/** Words 16 to 31 of the four nonces, as far as they depend on word 13. */
// @ts-ignore: decorator
@inline function schedule(w13: v128): void {
  const w20 = add(each(FIXED + 4 * 20), w13);
  const w22 = add(each(FIXED + 4 * 22), sigma1Lanes(w20));
  const w24 = add(each(FIXED + 4 * 24), sigma1Lanes(w22));
  const w26 = add(each(FIXED + 4 * 26), sigma1Lanes(w24));
  const w27 = add(each(FIXED + 4 * 27), w20);
  const w28 = add(each(FIXED + 4 * 28), add(sigma1Lanes(w26), sigma0Lanes(w13)));
  const w29 = add(each(FIXED + 4 * 29), add(sigma1Lanes(w27), add(w22, w13)));
  setW(20, w20); setW(22, w22); setW(24, w24); setW(26, w26); setW(27, w27); setW(28, w28); setW(29, w29);
  setW(30, add(each(FIXED + 4 * 30), sigma1Lanes(w28)));
  setW(31, add(each(FIXED + 4 * 31), add(sigma1Lanes(w29), w24)));
}

/** Whether the whole hash in this lane is at most the target. */
function meetsTarget(lane: usize): bool {
  for (let word: usize = 0; word < 8; word++) {
    const found = load<u32>(HASH + 16 * word + 4 * lane);
    const wanted = bswap(load<u32>(TARGET + 4 * word));
    if (found != wanted) return found < wanted;
  }
  return true;
}

// @ts-ignore: decorator
@inline function t1(e: v128, f: v128, g: v128, h: v128, kw: v128): v128 {
  const sum1 = xor(xor(rotate(e, 6), rotate(e, 11)), rotate(e, 25));
  const choice = xor(g, v128.and(e, xor(f, g)));
  return add(add(add(h, kw), sum1), choice);
}

/** The compiler finds that a xor b is b xor c of the round after. */
// @ts-ignore: decorator
@inline function t2(a: v128, b: v128, c: v128): v128 {
  const sum0 = xor(xor(rotate(a, 2), rotate(a, 13)), rotate(a, 22));
  return add(sum0, xor(b, v128.and(xor(a, b), xor(b, c))));
}

// @ts-ignore: decorator
@inline function kw(t: usize): v128 {
  return add(each(K + 4 * t), w(t));
}

/** Makes word t of the schedule as well. */
// @ts-ignore: decorator
@inline function nextKw(t: usize): v128 {
  const next = add(add(w(t - 16), sigma0Lanes(w(t - 15))), add(w(t - 7), sigma1Lanes(w(t - 2))));
  setW(t, next);
  return add(each(K + 4 * t), next);
}

// @ts-ignore: decorator
@inline function w(t: usize): v128 {
  return v128.load(W + 16 * t);
}

// @ts-ignore: decorator
@inline function setW(t: usize, value: v128): void {
  v128.store(W + 16 * t, value);
}

// @ts-ignore: decorator
@inline function setHash(word: usize, value: v128): void {
  v128.store(HASH + 16 * word, add(value, each(MIDSTATE + 4 * word)));
}

/** The word at an address, in each lane. A constant vector costs several instructions, this one. */
// @ts-ignore: decorator
@inline function each(address: usize): v128 {
  return v128.load32_splat(address);
}

// @ts-ignore: decorator
@inline function add(x: v128, y: v128): v128 {
  return i32x4.add(x, y);
}

// @ts-ignore: decorator
@inline function xor(x: v128, y: v128): v128 {
  return v128.xor(x, y);
}

// @ts-ignore: decorator
@inline function rotate(x: v128, bits: i32): v128 {
  return v128.or(i32x4.shr_u(x, bits), i32x4.shl(x, 32 - bits));
}

// @ts-ignore: decorator
@inline function sigma0Lanes(x: v128): v128 {
  return xor(xor(rotate(x, 7), rotate(x, 18)), i32x4.shr_u(x, 3));
}

// @ts-ignore: decorator
@inline function sigma1Lanes(x: v128): v128 {
  return xor(xor(rotate(x, 17), rotate(x, 19)), i32x4.shr_u(x, 10));
}

function sigma0(x: u32): u32 {
  return rotr(x, 7) ^ rotr(x, 18) ^ (x >>> 3);
}

function sigma1(x: u32): u32 {
  return rotr(x, 17) ^ rotr(x, 19) ^ (x >>> 10);
}

function fixed(t: usize): u32 {
  return load<u32>(FIXED + 4 * t);
}

function setFixed(t: usize, value: u32): void {
  store<u32>(FIXED + 4 * t, value);
}

/** The first 16 words of a schedule. */
function readChunk(chunk: usize): void {
  for (let t: usize = 0; t < 16; t++) setFixed(t, bswap(load<u32>(chunk + 4 * t)));
}

/** The first `count` rounds of one hash, with the schedule in FIXED. */
function rounds(state: usize, count: usize): void {
  let a = load<u32>(state), b = load<u32>(state, 4), c = load<u32>(state, 8), d = load<u32>(state, 12);
  let e = load<u32>(state, 16), f = load<u32>(state, 20), g = load<u32>(state, 24), h = load<u32>(state, 28);
  for (let t: usize = 0; t < count; t++) {
    const sum1 = rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25);
    const sum0 = rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22);
    const t1 = h + sum1 + ((e & f) ^ (~e & g)) + load<u32>(K + 4 * t) + fixed(t);
    const t2 = sum0 + ((a & b) ^ (a & c) ^ (b & c));
    h = g; g = f; f = e; e = d + t1;
    d = c; c = b; b = a; a = t1 + t2;
  }
  store<u32>(state, a); store<u32>(state, b, 4); store<u32>(state, c, 8); store<u32>(state, d, 12);
  store<u32>(state, e, 16); store<u32>(state, f, 20); store<u32>(state, g, 24); store<u32>(state, h, 28);
}

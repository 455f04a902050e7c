/**
 * SipHash-2-4: a keyed hash that is short, quick, and that nobody who does not know the key can find collisions of. `key` has 16 bytes; gives the 64
 * bits as two halves of 32, unsigned. Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF" (2012).
 */
export function sipHash24(
  key: Uint8Array,
  message: Uint8Array,
): { readonly high: number; readonly low: number } {
  const keys = new DataView(key.buffer, key.byteOffset, 16);
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const state = new SipState(
    keys.getUint32(0, true),
    keys.getUint32(4, true),
    keys.getUint32(8, true),
    keys.getUint32(12, true),
  );
  const wholeBytes = message.length & ~7;
  for (let offset = 0; offset < wholeBytes; offset += 8)
    state.absorb(view.getUint32(offset + 4, true), view.getUint32(offset, true));
  // The rest, and the length in the last byte.
  const last = new Uint8Array(8);
  last.set(message.subarray(wholeBytes));
  last[7] = message.length & 0xff;
  const lastView = new DataView(last.buffer);
  state.absorb(lastView.getUint32(4, true), lastView.getUint32(0, true));
  return state.finish();
}

/** Four words of 64 bits, each as two halves that are signed integers, which is what the engine is quick with. */
class SipState {
  #h0: number;
  #l0: number;
  #h1: number;
  #l1: number;
  #h2: number;
  #l2: number;
  #h3: number;
  #l3: number;

  constructor(low0: number, high0: number, low1: number, high1: number) {
    // The constants are "somepseudorandomlygeneratedbytes".
    this.#h0 = high0 ^ 0x736f6d65;
    this.#l0 = low0 ^ 0x70736575;
    this.#h1 = high1 ^ 0x646f7261;
    this.#l1 = low1 ^ 0x6e646f6d;
    this.#h2 = high0 ^ 0x6c796765;
    this.#l2 = low0 ^ 0x6e657261;
    this.#h3 = high1 ^ 0x74656462;
    this.#l3 = low1 ^ 0x79746573;
  }

  absorb(high: number, low: number): void {
    this.#h3 ^= high;
    this.#l3 ^= low;
    this.#round();
    this.#round();
    this.#h0 ^= high;
    this.#l0 ^= low;
  }

  finish(): { readonly high: number; readonly low: number } {
    this.#l2 ^= 0xff;
    for (let round = 0; round < 4; round += 1) this.#round();
    return {
      high: (this.#h0 ^ this.#h1 ^ this.#h2 ^ this.#h3) >>> 0,
      low: (this.#l0 ^ this.#l1 ^ this.#l2 ^ this.#l3) >>> 0,
    };
  }

  #round(): void {
    let [h0, l0, h1, l1] = [this.#h0, this.#l0, this.#h1, this.#l1];
    let [h2, l2, h3, l3] = [this.#h2, this.#l2, this.#h3, this.#l3];
    let carried = 0;
    // v0 += v1; v1 <<<= 13; v1 ^= v0; v0 <<<= 32.
    carried = (l0 >>> 0) + (l1 >>> 0);
    h0 = (h0 + h1 + (carried > 0xffff_ffff ? 1 : 0)) | 0;
    l0 = carried | 0;
    [h1, l1] = [(h1 << 13) | (l1 >>> 19), (l1 << 13) | (h1 >>> 19)];
    h1 ^= h0;
    l1 ^= l0;
    [h0, l0] = [l0, h0];
    // v2 += v3; v3 <<<= 16; v3 ^= v2.
    carried = (l2 >>> 0) + (l3 >>> 0);
    h2 = (h2 + h3 + (carried > 0xffff_ffff ? 1 : 0)) | 0;
    l2 = carried | 0;
    [h3, l3] = [(h3 << 16) | (l3 >>> 16), (l3 << 16) | (h3 >>> 16)];
    h3 ^= h2;
    l3 ^= l2;
    // v0 += v3; v3 <<<= 21; v3 ^= v0.
    carried = (l0 >>> 0) + (l3 >>> 0);
    h0 = (h0 + h3 + (carried > 0xffff_ffff ? 1 : 0)) | 0;
    l0 = carried | 0;
    [h3, l3] = [(h3 << 21) | (l3 >>> 11), (l3 << 21) | (h3 >>> 11)];
    h3 ^= h0;
    l3 ^= l0;
    // v2 += v1; v1 <<<= 17; v1 ^= v2; v2 <<<= 32.
    carried = (l2 >>> 0) + (l1 >>> 0);
    h2 = (h2 + h1 + (carried > 0xffff_ffff ? 1 : 0)) | 0;
    l2 = carried | 0;
    [h1, l1] = [(h1 << 17) | (l1 >>> 15), (l1 << 17) | (h1 >>> 15)];
    h1 ^= h2;
    l1 ^= l2;
    [h2, l2] = [l2, h2];
    this.#h0 = h0;
    this.#l0 = l0;
    this.#h1 = h1;
    this.#l1 = l1;
    this.#h2 = h2;
    this.#l2 = l2;
    this.#h3 = h3;
    this.#l3 = l3;
  }
}

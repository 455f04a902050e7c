import type { Micros } from "../../../node/core/support/micros.ts";

/**
 * Messages that make no event, by sender: the links of its last round of announcements on which the receiver already
 * held the block. Each still keeps later messages of its link in order; but when it arrives need only be worked out when
 * a message follows so closely that it could matter, which is seldom.
 */
export class UnheardMessages {
  /** Of the round, by sender. */
  readonly departedUs: Float64Array;
  readonly drawKey: Int32Array;
  /** Bits of the links, by sender, `#words` words each. */
  readonly #bits: Int32Array;
  readonly #words: number;

  constructor(nodeCount: number, linkCountMax: number) {
    this.#words = Math.max(1, Math.ceil(linkCountMax / 32));
    this.departedUs = new Float64Array(nodeCount);
    this.drawKey = new Int32Array(nodeCount);
    this.#bits = new Int32Array(nodeCount * this.#words);
  }

  /** Adds links to a sender's round; `firstLink` is a multiple of 32. The caller has taken what there was of an earlier round. */
  put(sender: number, firstLink: number, linkBits: number, departedUs: Micros, drawKey: number): void {
    const word = sender * this.#words + (firstLink >> 5);
    this.#bits[word] = (this.#bits[word] as number) | linkBits;
    this.departedUs[sender] = departedUs;
    this.drawKey[sender] = drawKey;
  }

  /** Whether the link is among them; it no longer is. */
  take(sender: number, link: number): boolean {
    const word = sender * this.#words + (link >> 5);
    const bits = this.#bits[word] as number;
    if (((bits >>> (link & 31)) & 1) === 0) return false;
    this.#bits[word] = bits & ~(1 << (link & 31));
    return true;
  }

  /** Takes the lowest link; -1 when there is none. */
  takeAny(sender: number): number {
    for (let word = 0; word < this.#words; word++) {
      const bits = this.#bits[sender * this.#words + word] as number;
      if (bits === 0) continue;
      this.#bits[sender * this.#words + word] = bits & (bits - 1);
      return word * 32 + 31 - Math.clz32(bits & -bits);
    }
    return -1;
  }
}

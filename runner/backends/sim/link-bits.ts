/** A set of links for each node: a bit a link, in 32-bit words. */
export class LinkBits {
  /** Words of a node. */
  readonly words: number;
  readonly #bits: Int32Array;

  constructor(nodeCount: number, linkCountMax: number) {
    this.words = Math.max(1, Math.ceil(linkCountMax / 32));
    this.#bits = new Int32Array(nodeCount * this.words);
  }

  word(node: number, word: number): number {
    return this.#bits[node * this.words + word] as number;
  }

  has(node: number, link: number): boolean {
    return (((this.#bits[node * this.words + (link >> 5)] as number) >>> (link & 31)) & 1) === 1;
  }

  add(node: number, link: number): void {
    const word = node * this.words + (link >> 5);
    this.#bits[word] = (this.#bits[word] as number) | (1 << (link & 31));
  }

  /** Adds the links of one word whose bits are set. */
  addWord(node: number, word: number, bits: number): void {
    const at = node * this.words + word;
    this.#bits[at] = (this.#bits[at] as number) | bits;
  }

  remove(node: number, link: number): void {
    const word = node * this.words + (link >> 5);
    this.#bits[word] = (this.#bits[word] as number) & ~(1 << (link & 31));
  }

  clear(node: number): void {
    for (let word = 0; word < this.words; word++) this.#bits[node * this.words + word] = 0;
  }

  /** The lowest link of the set; -1 when it is empty. */
  first(node: number): number {
    for (let word = 0; word < this.words; word++) {
      const bits = this.#bits[node * this.words + word] as number;
      if (bits !== 0) return word * 32 + 31 - Math.clz32(bits & -bits);
    }
    return -1;
  }
}

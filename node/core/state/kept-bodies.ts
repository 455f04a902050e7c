import type { BlockEntry } from "./block-entry.ts";

/** Bodies in memory beside those that are not stored yet: as many as the blocks in which `GET /transactions/{id}` looks, and the ledgers that are kept. */
export const BODIES_COUNT_MAX = 512;

/** And of so many canonical bytes together: in memory a body takes some five times as much. */
export const BODIES_BYTES_MAX = 8 * 1024 * 1024;

/** However large they are: what a view that catches up connects at one go. */
const BODIES_COUNT_MIN = 160;

/** Which bodies of stored blocks stay in memory: those that came last. */
export class KeptBodies {
  #blocks: BlockEntry[] = [];
  /** Of `#blocks`: those before it were let go. */
  #first = 0;
  #sizeBytes = 0;

  /** The block has a body now that it had not. */
  note(block: BlockEntry): void {
    this.#blocks.push(block);
    this.#sizeBytes += block.sizeBytes;
    for (let left = this.#count; left > 0 && this.#isTooMuch(); left -= 1) this.#letGoFirst();
    if (this.#first > this.#blocks.length / 2) {
      this.#blocks = this.#blocks.slice(this.#first);
      this.#first = 0;
    }
  }

  get #count(): number {
    return this.#blocks.length - this.#first;
  }

  #isTooMuch(): boolean {
    return (
      this.#count > BODIES_COUNT_MAX || (this.#sizeBytes > BODIES_BYTES_MAX && this.#count > BODIES_COUNT_MIN)
    );
  }

  #letGoFirst(): void {
    const block = this.#blocks[this.#first++] as BlockEntry;
    if (block.heldCount === 0) {
      // Waits for its parent, or is on its way to the store: the only copy.
      this.#blocks.push(block);
      return;
    }
    this.#sizeBytes -= block.sizeBytes;
    block.transactions = null;
    block.delivery = null;
  }
}

import type { RunEvent } from "../record/run-event.ts";

/** Counts heights with more than one block while a run lasts, for the progress line; the analysis counts again, by what it knows in the end. */
export class ForkCounter {
  /** Blocks mined at each height. */
  readonly #blockCounts = new Map<number, number>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  hear(event: RunEvent): void {
    if (event.type !== "block-mined") return;
    const blockCount = (this.#blockCounts.get(event.height) ?? 0) + 1;
    this.#blockCounts.set(event.height, blockCount);
    if (blockCount === 2) this.#count += 1;
  }
}

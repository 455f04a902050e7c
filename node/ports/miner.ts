import type { BlockEntry } from "../core/state/block-entry.ts";

/**
 * Looks for the next block. It asks the host for a template when it needs one and hands back what it found; both only
 * from an event of its own, never from inside these calls.
 */
export interface Miner {
  /** The best chain of the view ends here now: work below it is wasted. */
  tipChanged(view: number, tip: BlockEntry): void;
  /** 0 stops mining. */
  setHashRate(view: number, hashesPerSec: number): void;
}

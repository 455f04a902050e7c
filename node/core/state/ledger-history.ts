import { invariant } from "../support/invariant.ts";
import type { BlockEntry } from "./block-entry.ts";
import { parentOf } from "./fork-choice.ts";
import { applyDelta, type Ledger, undoDelta } from "./ledger.ts";

/**
 * Heights below the best block whose ledgers stay in memory. Reorganisations are far shallower in any network that works;
 * a deeper one costs the undoing of the blocks between.
 */
export const LEDGER_WINDOW_HEIGHTS = 512;

/**
 * Which ledgers of a tree are in memory. Ledgers share what they have in common, yet a long chain's would fill the
 * memory; so only those near the best block are kept, and an older one is found again by undoing or applying deltas.
 */
export class LedgerHistory {
  #best: BlockEntry;
  readonly #windowHeights: number;
  /** Blocks with a ledger by height; the lowest are let go first. */
  readonly #keptByHeight = new Map<number, BlockEntry[]>();
  #lowestKept = 0;

  /** `genesis` has its ledger. */
  constructor(genesis: BlockEntry, windowHeights: number = LEDGER_WINDOW_HEIGHTS) {
    this.#best = genesis;
    this.#windowHeights = windowHeights;
    this.#keptByHeight.set(0, [genesis]);
  }

  keep(block: BlockEntry, ledger: Ledger): void {
    block.ledger = ledger;
    const { height } = block.header;
    const kept = this.#keptByHeight.get(height);
    if (kept === undefined) this.#keptByHeight.set(height, [block]);
    else kept.push(block);
    this.#lowestKept = Math.min(this.#lowestKept, height);
    if (block.chainWork > this.#best.chainWork) {
      this.#best = block;
      this.#letGo(height - this.#windowHeights);
    }
  }

  /** The ledger after a valid block whose own was let go; not kept again. */
  rebuild(block: BlockEntry): Ledger {
    const forward: BlockEntry[] = [];
    let from = block;
    let onBest = this.#best;
    // To the nearest ancestor that either has its ledger or lies on the best chain, whose upper end has. Both walk down
    // side by side: a branch of a thousand blocks would walk the best chain a thousand times.
    for (; from.ledger === null; from = parentOf(from)) {
      while (onBest.header.height > from.header.height) onBest = parentOf(onBest);
      if (onBest === from) break;
      forward.push(from);
    }
    let ledger = from.ledger ?? this.#undoDownTo(from);
    for (const next of forward.reverse()) ledger = applyDelta(ledger, deltaOf(next));
    return ledger;
  }

  #undoDownTo(block: BlockEntry): Ledger {
    const path: BlockEntry[] = [];
    for (let at = this.#best; at !== block; at = parentOf(at)) path.push(at);
    const lowest = path.findLastIndex((at) => at.ledger !== null);
    let ledger = path[lowest]?.ledger ?? null;
    invariant(ledger !== null, "the best block has no ledger");
    for (const at of path.slice(lowest)) ledger = undoDelta(ledger, deltaOf(at));
    return ledger;
  }

  #letGo(belowHeight: number): void {
    for (; this.#lowestKept < belowHeight; this.#lowestKept++) {
      for (const block of this.#keptByHeight.get(this.#lowestKept) ?? []) block.ledger = null;
      this.#keptByHeight.delete(this.#lowestKept);
    }
  }
}

function deltaOf(block: BlockEntry): NonNullable<BlockEntry["delta"]> {
  invariant(block.delta !== null, `block ${block.hash} was never judged valid`);
  return block.delta;
}

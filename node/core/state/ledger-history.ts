import type { Hex } from "../chain/types.ts";
import { invariant } from "../support/invariant.ts";
import type { BlockEntry } from "./block-entry.ts";
import type { ColdChain } from "./cold-chain.ts";
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
 * A tree with an archive lets go of the deltas too: what lies deeper is worked out again from the next lower ledger that the archive keeps.
 */
export class LedgerHistory {
  #best: BlockEntry;
  readonly #windowHeights: number;
  /** Blocks with a ledger by height; the lowest are let go first. */
  readonly #keptByHeight = new Map<number, BlockEntry[]>();
  #lowestKept = 0;
  #cold: ColdChain | null = null;

  /** `genesis` has its ledger. */
  constructor(genesis: BlockEntry, windowHeights: number = LEDGER_WINDOW_HEIGHTS) {
    this.#best = genesis;
    this.#windowHeights = windowHeights;
    this.#keptByHeight.set(0, [genesis]);
  }

  /** From now on old deltas are let go. Before the first block. */
  attach(cold: ColdChain): void {
    this.#cold = cold;
  }

  /** The best chain is known up to this block, which was judged in an earlier life; no other ledger is in memory, and no delta. */
  begin(block: BlockEntry, ledger: Ledger): void {
    for (const kept of this.#keptByHeight.values()) for (const each of kept) each.ledger = null;
    this.#keptByHeight.clear();
    this.#keptByHeight.set(block.header.height, [block]);
    this.#lowestKept = block.header.height;
    this.#best = block;
    block.ledger = ledger;
  }

  /** The same with the highest block up to `tip`, or itself, whose ledger the archive keeps; that block, null if there is none. */
  beginBelow(tip: BlockEntry, find: (hash: Hex) => BlockEntry | null): BlockEntry | null {
    for (const hash of this.#cold?.ledgerBlocks ?? []) {
      const block = find(hash);
      if (block === null || block.header.height > tip.header.height) continue;
      let at: BlockEntry | null = tip;
      while (at !== null && at.header.height > block.header.height) at = at.parent;
      const ledger = at === block ? (this.#cold?.keptLedger(block) ?? null) : null;
      if (ledger === null) continue;
      this.begin(block, ledger);
      return block;
    }
    return null;
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
      this.#cold?.bestMoved(block);
    }
  }

  /** The ledger after a valid block whose own was let go; not kept again. */
  rebuild(block: BlockEntry): Ledger {
    const forward: BlockEntry[] = [];
    let from = block;
    let onBest = this.#best;
    let mayUndo = true;
    // To the nearest ancestor that has its ledger, lies on the best chain, whose upper end has, or has one in the archive. Both walk down
    // side by side: a branch of a thousand blocks would walk the best chain a thousand times.
    for (; from.ledger === null; from = parentOf(from)) {
      while (mayUndo && onBest.header.height > from.header.height) onBest = parentOf(onBest);
      const undone = mayUndo && onBest === from ? this.#undoDownTo(from) : null;
      const ledger = undone ?? this.#cold?.keptLedger(from) ?? null;
      if (ledger !== null) return this.#applyAll(ledger, forward);
      mayUndo &&= onBest !== from;
      forward.push(from);
    }
    return this.#applyAll(from.ledger, forward);
  }

  /** `blocks`: height descending, on top of the block that the ledger stands after. */
  #applyAll(from: Ledger, blocks: readonly BlockEntry[]): Ledger {
    let ledger = from;
    for (const next of blocks.toReversed())
      ledger = applyDelta(ledger, next.delta ?? this.#cold?.deltaAgain(next, ledger) ?? deltaOf(next));
    return ledger;
  }

  /** Null if a block on the way was judged in an earlier life, or its delta let go. */
  #undoDownTo(block: BlockEntry): Ledger | null {
    const path: BlockEntry[] = [];
    for (let at = this.#best; at !== block; at = parentOf(at)) path.push(at);
    const lowest = path.findLastIndex((at) => at.ledger !== null);
    let ledger = path[lowest]?.ledger ?? null;
    invariant(ledger !== null, "the best block has no ledger");
    for (const { delta } of path.slice(lowest)) {
      if (delta === null) return null;
      ledger = undoDelta(ledger, delta);
    }
    return ledger;
  }

  #letGo(belowHeight: number): void {
    for (; this.#lowestKept < belowHeight; this.#lowestKept++) {
      for (const block of this.#keptByHeight.get(this.#lowestKept) ?? []) {
        block.ledger = null;
        if (this.#cold !== null) block.delta = null;
      }
      this.#keptByHeight.delete(this.#lowestKept);
    }
  }
}

function deltaOf(block: BlockEntry): NonNullable<BlockEntry["delta"]> {
  invariant(block.delta !== null, `block ${block.hash} was never judged valid`);
  return block.delta;
}

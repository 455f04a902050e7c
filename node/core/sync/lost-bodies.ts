import { ANNOUNCED, HELD } from "../state/belief-columns.ts";
import type { BlockEntry } from "../state/block-entry.ts";
import type { BlockTree } from "../state/block-tree.ts";
import { parentOf } from "../state/fork-choice.ts";
import type { Micros } from "../support/micros.ts";
import type { BlockDownload } from "./block-download.ts";
import { supposeKnown } from "./link-masks.ts";
import type { LinkIndex } from "./node-port.ts";
import type { ViewState } from "./view-state.ts";

/** Lost bodies asked for at a time: they are needed by nobody at once, and must not crowd out those of new blocks. */
const REFETCH_COUNT_MAX = 16;

/**
 * Bodies that views held and that are damaged on their disks, though blocks on top of them are held: the chain stands, and they are fetched
 * again from peers. Nearly always there are none, so nothing is kept with a view.
 */
export class LostBodies {
  readonly #tree: BlockTree;
  readonly #download: BlockDownload;
  /** By view, in the order in which they were found; those that have come are taken out when somebody looks. */
  readonly #lost = new Map<number, Set<BlockEntry>>();

  constructor(tree: BlockTree, download: BlockDownload) {
    this.#tree = tree;
    this.#download = download;
  }

  /** Whether any view has lost anything: asked before everything else. */
  get isEmpty(): boolean {
    return this.#lost.size === 0;
  }

  /** A new life of the view begins. */
  forget(view: number): void {
    this.#lost.delete(view);
  }

  /** The view does not hold the block any more. */
  note(state: ViewState, block: BlockEntry): void {
    // It was told of before, and may have been asked for since.
    if (!this.#isHeld(state, block)) return;
    this.#tree.unhold(block, state.view, ANNOUNCED);
    const lost = this.#lost.get(state.view) ?? new Set();
    this.#lost.set(state.view, lost.add(block));
  }

  /** How many have not come yet. */
  count(state: ViewState): number {
    return this.#missing(state).length;
  }

  /**
   * Asks the peer at `link` for what is lost, of those that follow one another the lowest first. Any peer is supposed to have it; one that has
   * not says so, and the next is asked.
   */
  fetch(state: ViewState, link: LinkIndex, nowUs: Micros): void {
    let asked = 0;
    for (const block of this.#missing(state)) {
      if (asked === REFETCH_COUNT_MAX) return;
      // Of one that was asked for already too: if that peer has it not, this one is asked.
      supposeKnown(this.#tree, block, state.view);
      const { status } = block.beliefs;
      if (status[state.view] !== ANNOUNCED || !this.#isHeld(state, parentOf(block))) continue;
      if (!this.#download.refetch(state, block, link, nowUs)) return;
      asked++;
    }
  }

  #missing(state: ViewState): BlockEntry[] {
    const lost = this.#lost.get(state.view);
    if (lost === undefined) return [];
    for (const block of lost) if (this.#isHeld(state, block)) lost.delete(block);
    if (lost.size === 0) this.#lost.delete(state.view);
    return [...lost];
  }

  #isHeld(state: ViewState, block: BlockEntry): boolean {
    return block.beliefs.status[state.view] === HELD;
  }
}

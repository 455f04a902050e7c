import type { BlockEntry } from "../state/block-entry.ts";
import type { BlockTree } from "../state/block-tree.ts";
import { HEADERS_COUNT_MAX } from "../sync/header-sync.ts";
import type { ViewState } from "../sync/view-state.ts";

export interface HeaderBounds {
  /** How far the headers that a view learns may be ahead of what it holds, in heights; it asks for more once bodies have caught up. */
  readonly aheadMax: number;
  /** Linked headers whose bodies nobody has found valid, at most. Of more, so many are forgotten that three quarters of it are left. */
  readonly looseCountMax: number;
}

/**
 * Eight answers' worth ahead keep a window of bodies busy, and whoever offers a chain without end makes a node keep no more of it. Whoever
 * makes cheap headers makes it keep twice that, 2 kB each: so that branches of little work do not push out what is being fetched.
 */
export const HEADER_BOUNDS: HeaderBounds = {
  aheadMax: 8 * HEADERS_COUNT_MAX,
  looseCountMax: 16 * HEADERS_COUNT_MAX,
};

/** Of the most that are kept, when there are more: so that the next header does not make the work anew. */
const KEPT_RATIO = 3 / 4;

/** Forgets the headers with the least work when too many are known, but for what a view is on its way to. For all views of the tree; how many. */
export function boundHeaders(tree: BlockTree, states: readonly ViewState[], looseCountMax: number): number {
  const pinned = new Set<BlockEntry>();
  for (const { target, path, waiting, requestedBlock, otherRequests } of states) {
    pinned.add(target);
    for (const block of path) pinned.add(block);
    for (const block of waiting.keys()) pinned.add(block);
    if (requestedBlock !== null) pinned.add(requestedBlock);
    for (const { block } of otherRequests) pinned.add(block);
  }
  return tree.forgetLoose(Math.floor(looseCountMax * KEPT_RATIO), (block) => pinned.has(block));
}

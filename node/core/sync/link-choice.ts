import type { BlockEntry } from "../state/block-entry.ts";
import type { BlockTree } from "../state/block-tree.ts";
import { positionOnPath } from "./download-aim.ts";
import type { LinkLoads } from "./link-loads.ts";
import { isKnown, isUp } from "./link-masks.ts";
import type { LinkIndex } from "./node-port.ts";
import type { ViewState } from "./view-state.ts";

/** Whom to ask for a body. `stalled` are links that let a request run out of time: asked when nobody else can serve it. */
export interface LinkCandidates {
  /** One more than the highest link there can be. */
  readonly linkCount: number;
  readonly stalled: ReadonlySet<LinkIndex>;
  canServe(link: LinkIndex): boolean;
}

/**
 * The link with the fewest requests under way among those with room, the lowest of equals; null if none can serve, or only such that have no room, or
 * stalled ones while others have none.
 */
export function leastBusyLink(candidates: LinkCandidates, { busy, room }: LinkLoads): LinkIndex | null {
  let best: LinkIndex | null = null;
  let bestRank = Number.POSITIVE_INFINITY;
  for (let link = 0; link < candidates.linkCount; link++) {
    if (!candidates.canServe(link)) continue;
    const isFull = room[link] === 0;
    const rank = (candidates.stalled.has(link) ? STALLED : 0) + (isFull ? FULL : (busy[link] as number));
    if (rank >= bestRank) continue;
    best = link;
    bestRank = rank;
  }
  return best === null || room[best] === 0 ? null : best;
}

/** Greater than what a link can have under way. */
const FULL = 0x1_0000;
const STALLED = 2 * FULL;

/** The next in the order of links from `failed` on, itself last and only if it may be asked again. */
export function nextLinkInTurn(
  candidates: LinkCandidates,
  failed: LinkIndex,
  mayRepeat: boolean,
): LinkIndex | null {
  const { linkCount, stalled } = candidates;
  let lastResort: LinkIndex | null = null;
  for (let step = 1; step <= linkCount; step++) {
    const link = (failed + step) % linkCount;
    if (!candidates.canServe(link) || (link === failed && !mayRepeat)) continue;
    if (!stalled.has(link)) return link;
    lastResort ??= link;
  }
  return lastResort;
}

/** The links of a view that may be asked for this body. */
export function whoServes(tree: BlockTree, state: ViewState, block: BlockEntry): LinkCandidates {
  return {
    linkCount: tree.columns.maskWords * 32,
    stalled: state.stalled,
    canServe: (link) => canServe(tree, state, block, link),
  };
}

/** Whoever knows a block knows those below it. */
export function canServe(tree: BlockTree, state: ViewState, block: BlockEntry, link: LinkIndex): boolean {
  if (!isUp(tree, state.view, link)) return false;
  if (isKnown(tree, block, state.view, link)) return true;
  return positionOnPath(state, block) !== -1 && isKnown(tree, state.target, state.view, link);
}

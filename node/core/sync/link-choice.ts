import type { BlockEntry } from "../state/block-entry.ts";
import type { BlockTree } from "../state/block-tree.ts";
import { positionOnPath } from "./download-aim.ts";
import { IN_FLIGHT_PER_LINK_MAX } from "./in-flight.ts";
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

/** The link with the fewest requests under way, the lowest of equals; null if none can serve, or none that can has room. */
export function leastBusyLink(candidates: LinkCandidates, busy: Uint16Array): LinkIndex | null {
  let best: LinkIndex | null = null;
  let isBestStalled = true;
  for (let link = 0; link < candidates.linkCount; link++) {
    if (!candidates.canServe(link)) continue;
    const isStalled = candidates.stalled.has(link);
    const isLessBusy = best === null || (busy[link] as number) < (busy[best] as number);
    if (isStalled === isBestStalled ? !isLessBusy : isStalled) continue;
    best = link;
    isBestStalled = isStalled;
  }
  return best === null || (busy[best] as number) >= IN_FLIGHT_PER_LINK_MAX ? null : best;
}

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

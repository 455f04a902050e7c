import { IN_FLIGHT_PER_LINK_MAX } from "./in-flight.ts";
import type { LinkIndex } from "./node-port.ts";

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

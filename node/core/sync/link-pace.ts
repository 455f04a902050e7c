import type { Micros } from "../support/micros.ts";
import { WINDOW_COUNT } from "./download-limits.ts";
import type { LinkIndex } from "./node-port.ts";
import { NO_PACES, type ViewState } from "./view-state.ts";

/** Bodies that a peer may have under way before it has shown how fast it is. */
export const PACE_FIRST = 32;

/** And however slow it is. Source: Bitcoin Core, MAX_BLOCKS_IN_TRANSIT_PER_PEER. */
export const PACE_MIN = 16;

/** A body that comes within this time lets its peer have one more under way: half a second of work at most is then ahead of any. */
const FAST_US: Micros = 500_000;

/** One that takes longer than this halves it, before the peer counts as stalled (STALL_TIMEOUT_US). */
const SLOW_US: Micros = 1_500_000;

/**
 * Bodies that this peer may have under way: more with each that comes fast, so that many travel together both ways, and fewer when they
 * come slowly, so that a slow peer holds up little. As TCP finds its window (RFC 5681), by time instead of loss.
 */
export function paceOf(state: ViewState, link: LinkIndex): number {
  return state.paces.get(link) ?? PACE_FIRST;
}

/** A body came of this link, so long after it was asked for. */
export function learnPace(state: ViewState, link: LinkIndex, tookUs: Micros): void {
  const pace = paceOf(state, link);
  if (tookUs <= FAST_US) setPace(state, link, Math.min(WINDOW_COUNT, pace + 1));
  else if (tookUs > SLOW_US) setPace(state, link, Math.max(PACE_MIN, pace >> 1));
}

/** Another peer may have the link next. */
export function forgetPace(state: ViewState, link: LinkIndex): void {
  if (state.paces.size > 0) state.paces.delete(link);
}

function setPace(state: ViewState, link: LinkIndex, pace: number): void {
  if (state.paces === NO_PACES) state.paces = new Map();
  state.paces.set(link, pace);
}

import type { Hex } from "../chain/types.ts";
import type { BlockEntry } from "../state/block-entry.ts";
import type { Micros } from "../support/micros.ts";
import type { LinkIndex } from "./node-port.ts";
import { NO_TIMES, type ViewState } from "./view-state.ts";

/** Headers of one answer. Source: Bitcoin Core, MAX_HEADERS_RESULTS. */
export const HEADERS_COUNT_MAX = 2_000;

/** Hashes of a locator that a peer may send: 2^64 blocks need fewer. Source: Bitcoin Core, MAX_LOCATOR_SZ. */
export const LOCATOR_COUNT_MAX = 101;

/** Blocks at the top of a locator that follow one another before the gaps double. */
const LOCATOR_DENSE_COUNT = 10;

/** How long a peer may take to answer with headers before it is asked again. */
export const HEADERS_TIMEOUT_US: Micros = 10_000_000;

/** Hashes of `top` and blocks below it, ten in a row, then with gaps that double, genesis last. */
export function locatorFrom(top: BlockEntry): Hex[] {
  const locator: Hex[] = [];
  let at = top;
  for (let gap = 1, left = 0; at.parent !== null; at = at.parent) {
    if (left-- > 0) continue;
    locator.push(at.hash);
    if (locator.length >= LOCATOR_DENSE_COUNT) gap *= 2;
    left = gap - 1;
  }
  locator.push(at.hash);
  return locator;
}

/**
 * The blocks of the chain that ends in `tip` above the highest one that the locator names, height ascending, at most
 * HEADERS_COUNT_MAX. Empty when the locator names the tip. A locator that names none gives the chain from height 1.
 */
export function headersAfter(tip: BlockEntry, locator: readonly Hex[]): BlockEntry[] {
  const named = new Set(locator);
  const above: BlockEntry[] = [];
  for (let at = tip; at.parent !== null && !named.has(at.hash); at = at.parent) above.push(at);
  return above.reverse().slice(0, HEADERS_COUNT_MAX);
}

/**
 * Whether the peer may be asked for headers now; if so it counts as asked. One question a peer at a time, so that a flood of
 * announcements costs one.
 */
export function mayAskHeaders(state: ViewState, link: LinkIndex, nowUs: Micros): boolean {
  if ((state.headersDeadlineUs[link] ?? 0) > nowUs) return false;
  if (state.headersDeadlineUs === NO_TIMES) state.headersDeadlineUs = [];
  state.headersDeadlineUs[link] = nowUs + HEADERS_TIMEOUT_US;
  return true;
}

/** The peer has answered, or whatever it was asked before is forgotten. */
export function headersAnswered(state: ViewState, link: LinkIndex): void {
  if (state.headersDeadlineUs !== NO_TIMES) state.headersDeadlineUs[link] = 0;
}

import type { Hex } from "../chain/types.ts";
import type { BlockEntry } from "../state/block-entry.ts";

/** Headers of one message. Source: Bitcoin Core, MAX_HEADERS_RESULTS. */
export const HEADERS_COUNT_MAX = 2_000;

/**
 * Headers that go ahead of the others of a long answer: their bodies can be asked for, and are on their way, while the others are
 * decoded and looked at. More than a peer is asked for at first (PACE_FIRST).
 */
export const HEADERS_AHEAD_COUNT = 64;

/** Of the longest answer, in all its parts. */
export const ANSWER_COUNT_MAX = HEADERS_AHEAD_COUNT + HEADERS_COUNT_MAX;

/** Hashes of a locator that a peer may send: 2^64 blocks need fewer. Source: Bitcoin Core, MAX_LOCATOR_SZ. */
export const LOCATOR_COUNT_MAX = 101;

/** Blocks at the top of a locator that follow one another before the gaps double. */
const LOCATOR_DENSE_COUNT = 10;

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
 * ANSWER_COUNT_MAX. Empty when the locator names the tip. A locator that names none gives the chain from height 1.
 */
export function headersAfter(tip: BlockEntry, locator: readonly Hex[]): BlockEntry[] {
  const named = new Set(locator);
  const above: BlockEntry[] = [];
  for (let at = tip; at.parent !== null && !named.has(at.hash); at = at.parent) above.push(at);
  return above.reverse().slice(0, ANSWER_COUNT_MAX);
}

/** An answer as it travels, in parts: see HEADERS_AHEAD_COUNT. The last has HEADERS_COUNT_MAX if more may follow. */
export function inParts(answer: readonly BlockEntry[]): (readonly BlockEntry[])[] {
  if (answer.length <= 2 * HEADERS_AHEAD_COUNT) return [answer];
  return [answer.slice(0, HEADERS_AHEAD_COUNT), answer.slice(HEADERS_AHEAD_COUNT)];
}

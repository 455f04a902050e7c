/** What an event of the simulation is; `detail` of each in brackets. */
/** A message reaches a node [the receiver's link and the receiver's incarnation, see `packLink`]. */
export const DELIVER = 0;
/** A node asked to be woken [unused]. */
export const WAKE = 1;
/** A node finds a block [the miner's generation: older ones are void]. */
export const FIND = 2;
/** The state of all nodes is sampled [unused]. */
export const SAMPLE = 3;

const LINK_BITS = 16;

/** Links of a node, at most: what fits into an event beside the incarnation. */
export const LINK_COUNT_MAX = 1 << LINK_BITS;

/** A connection dies with the process at its end: messages to an earlier incarnation are dropped. */
export function packLink(link: number, incarnation: number): number {
  return (incarnation << LINK_BITS) | link;
}

export function unpackLink(detail: number): number {
  return detail & (LINK_COUNT_MAX - 1);
}

export function unpackIncarnation(detail: number): number {
  return detail >>> LINK_BITS;
}

/** @import { TreeBlock } from "../types.js" */

/**
 * Which lane each block is drawn in, by hash: the best chain in lane 0, every other branch beside it (1, -1, 2, ...), the longest nearest, and what
 * leaves a branch further out. Branches share a lane where a height lies between them.
 * @param {readonly TreeBlock[]} blocks Height ascending.
 * @returns {Map<string, number>}
 */
export function lanesOf(blocks) {
  const best = blocks.filter(({ isBest }) => isBest);
  /** @type {Map<string, number>} */
  const laneOf = new Map(best.map(({ hash }) => [hash, 0]));
  /** @type {Map<number, Span[]>} */
  const taken = new Map();
  for (const path of stalePaths(blocks)) {
    const parentLane = laneOf.get(path[0]?.parentHash ?? "") ?? 0;
    const span = { from: (path[0]?.height ?? 0) - 1, to: path.at(-1)?.height ?? 0 };
    const lane = freeLane(parentLane, span, taken);
    taken.set(lane, [...(taken.get(lane) ?? []), span]);
    for (const { hash } of path) laneOf.set(hash, lane);
  }
  return laneOf;
}

/** @typedef {{ readonly from: number, readonly to: number }} Span Heights that a branch needs its lane for. */

/**
 * The blocks off the best chain as paths, each as long as it can be, the longest first.
 * @param {readonly TreeBlock[]} blocks
 */
function stalePaths(blocks) {
  const stale = blocks.filter(({ isBest }) => !isBest).toReversed();
  const children = Map.groupBy(stale, ({ parentHash }) => parentHash);
  /** @type {Map<string, TreeBlock[]>} By block, its longest path to a leaf. Children come before their parents. */
  const longest = new Map();
  const isInside = new Set();
  for (const block of stale) {
    const rests = (children.get(block.hash) ?? []).map(({ hash }) => longest.get(hash) ?? []);
    const rest = rests.reduce((a, b) => (b.length > a.length ? b : a), []);
    longest.set(block.hash, [block, ...rest]);
    if (rest[0] !== undefined) isInside.add(rest[0].hash);
  }
  return [...longest.values()]
    .filter(([first]) => !isInside.has(first?.hash))
    .sort((a, b) => b.length - a.length || (a[0]?.height ?? 0) - (b[0]?.height ?? 0));
}

/**
 * From the best chain to either side, below first; from another branch away from the best chain.
 * @param {number} parentLane
 * @param {Span} span
 * @param {ReadonlyMap<number, readonly Span[]>} taken
 */
function freeLane(parentLane, span, taken) {
  const sides = parentLane === 0 ? [1, -1] : [Math.sign(parentLane)];
  for (let step = 1; ; step += 1)
    for (const side of sides) {
      const lane = parentLane + side * step;
      if ((taken.get(lane) ?? []).every((other) => other.to < span.from || span.to < other.from)) return lane;
    }
}

/**
 * @typedef {object} Fork A height with more than one block.
 * @property {number} height
 * @property {readonly TreeBlock[]} blocks The one on the best chain first.
 */

/**
 * The highest first.
 * @param {readonly TreeBlock[]} blocks
 * @returns {Fork[]}
 */
export function forksOf(blocks) {
  return [...Map.groupBy(blocks, ({ height }) => height)]
    .filter(([, beside]) => beside.length > 1)
    .map(([height, beside]) => ({
      height,
      blocks: beside.toSorted((a, b) => Number(b.isBest) - Number(a.isBest)),
    }))
    .sort((a, b) => b.height - a.height);
}

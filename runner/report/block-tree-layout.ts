import type { Hex } from "../../node/core/chain/types.ts";

/** What a picture needs to know of a block, as blocks.csv has it. */
export interface PictureBlock {
  readonly hash: Hex;
  readonly parentHash: Hex;
  readonly height: number;
  readonly miner: number;
  readonly minedMs: number;
  /** Whether it is on the final chain. */
  readonly isFinal: boolean;
}

/** A line of blocks, each the parent of the next, drawn at one height of the picture. */
export interface Branch {
  /** 0 is the final chain; below it are 1, 2, ..., above it -1, -2, ... */
  readonly lane: number;
  /** In the order of the chain; not empty, but for the final chain of a run without blocks. */
  readonly blocks: readonly PictureBlock[];
  /** What the first one builds on; null when that is genesis, or not in the run. */
  readonly parent: PictureBlock | null;
}

/**
 * Puts the final chain in one lane and every stale branch in another beside it, near it and crossing none: the longest are placed first,
 * and what leaves a stale branch goes further out. Branches share a lane when at least `gapMs` lies between them. The final chain comes first.
 */
export function layOut(blocks: readonly PictureBlock[], gapMs: number): Branch[] {
  const byHash = new Map(blocks.map((block) => [block.hash, block]));
  const finalChain = blocks.filter((block) => block.isFinal).sort((a, b) => a.height - b.height);
  const laneOf = new Map<Hex, number>(finalChain.map((block) => [block.hash, 0]));
  const taken = new Map<number, Span[]>();
  const branches: Branch[] = [{ lane: 0, blocks: finalChain, parent: null }];
  for (const path of stalePaths(blocks)) {
    const parent = byHash.get(path[0]?.parentHash ?? "") ?? null;
    const parentLane = parent === null ? 0 : (laneOf.get(parent.hash) ?? 0);
    const span = spanOf(path, parent, gapMs);
    const lane = freeLane(parentLane, span, taken);
    taken.set(lane, [...(taken.get(lane) ?? []), span]);
    for (const { hash } of path) laneOf.set(hash, lane);
    branches.push({ lane, blocks: path, parent });
  }
  return branches;
}

/** The stale blocks as paths, each as long as it can be; longest first, then the one that was mined first. */
function stalePaths(blocks: readonly PictureBlock[]): PictureBlock[][] {
  const stale = blocks.filter((block) => !block.isFinal).sort((a, b) => b.height - a.height);
  const children = Map.groupBy(stale, (block) => block.parentHash);
  /** By block, its longest path to a leaf. Children come before their parents. */
  const longest = new Map<Hex, PictureBlock[]>();
  for (const block of stale) {
    const rests = (children.get(block.hash) ?? []).map((child) => longest.get(child.hash) ?? []);
    longest.set(block.hash, [block, ...longestOf(rests)]);
  }
  const isInside = new Set([...longest.values()].flatMap((path) => path[1]?.hash ?? []));
  return [...longest.values()]
    .filter((path) => !isInside.has(path[0]?.hash ?? ""))
    .sort((a, b) => b.length - a.length || minedMs(a) - minedMs(b));
}

function longestOf(paths: readonly PictureBlock[][]): PictureBlock[] {
  return paths.reduce((best, path) => (path.length > best.length ? path : best), []);
}

function minedMs(path: readonly PictureBlock[]): number {
  return path[0]?.minedMs ?? 0;
}

/** From when to when a branch needs its lane. */
interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

function spanOf(path: readonly PictureBlock[], parent: PictureBlock | null, gapMs: number): Span {
  const times = path.map((block) => block.minedMs);
  return { fromMs: Math.min(parent?.minedMs ?? 0, ...times), toMs: Math.max(...times) + gapMs };
}

/** From the final chain to either side, below first; from a stale branch away from the final chain. */
function freeLane(parentLane: number, span: Span, taken: ReadonlyMap<number, readonly Span[]>): number {
  const sides = parentLane === 0 ? [1, -1] : [Math.sign(parentLane)];
  for (let step = 1; ; step++)
    for (const side of sides) {
      const lane = parentLane + side * step;
      const isFree = (taken.get(lane) ?? []).every(
        (other) => other.toMs <= span.fromMs || span.toMs <= other.fromMs,
      );
      if (isFree) return lane;
    }
}

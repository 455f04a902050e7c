import type { Micros } from "../../node/core/support/micros.ts";
import type { RunBlock, RunTree } from "./block-tree.ts";
import { type Proportion, proportion } from "./statistics.ts";

/** A height with more than one block. */
export interface Fork {
  readonly height: number;
  /** In the order of mining; two or more. */
  readonly blocks: readonly RunBlock[];
  /** The one on the final chain; null above the final tip, which only unequal difficulty brings about. */
  readonly winner: RunBlock | null;
  /** Length of the longest stale branch that leaves the final chain at this height; 0 if none starts here. */
  readonly branchLength: number;
  /** Whether it counts towards the fork rate. */
  readonly isMeasured: boolean;
}

export interface ForkFigures {
  /** All forks of the run, height ascending. */
  readonly forks: readonly Fork[];
  /** Stale blocks over all blocks of the measured window. */
  readonly stale: Proportion;
  /** Heights with more than one block over all heights of the measured window. */
  readonly forked: Proportion;
  /** The longest run of stale blocks, over the whole run; 0 if there is none. */
  readonly longestBranch: number;
}

/** The part of the run that rates are taken from. */
export interface Window {
  readonly warmUpUs: Micros;
  readonly confirmations: number;
}

/**
 * Forks of the run, and how often a block was stale.
 *
 * A block is measured if it was mined at or after the end of the warm-up, no higher than `confirmations` below the
 * final tip: the fate of younger ones is open. A height is measured if its first block is. Nothing measured gives a
 * `ratio` of null. Decker and Wattenhofer (P2P 2013) count heights ("fork rate"), Gervais et al. (CCS 2016) blocks
 * ("stale rate"); when a fork has two blocks and is one deep the two differ by the factor 1 + forks.
 */
export function measureForks(tree: RunTree, window: Window): ForkFigures {
  const heightMax = tree.finalChain.length - window.confirmations;
  const isMeasured = (block: RunBlock) => block.minedAtUs >= window.warmUpUs && block.height <= heightMax;
  const connected = tree.blocks.filter((block) => block.totalWork !== null);
  const measured = connected.filter(isMeasured);
  const staleCount = measured.filter((block) => !block.isFinal).length;
  const lengths = branchLengths(connected);

  const forks: Fork[] = [];
  let measuredHeights = 0;
  let measuredForks = 0;
  for (const [height, blocks] of heightsOf(connected)) {
    const first = blocks[0];
    const counts = first !== undefined && isMeasured(first);
    if (counts) measuredHeights++;
    if (blocks.length < 2) continue;
    if (counts) measuredForks++;
    const winner = blocks.find((block) => block.isFinal) ?? null;
    forks.push({ height, blocks, winner, branchLength: lengths.get(height) ?? 0, isMeasured: counts });
  }
  let longestBranch = 0;
  for (const length of lengths.values()) longestBranch = Math.max(longestBranch, length);
  return {
    forks,
    stale: proportion(staleCount, measured.length),
    forked: proportion(measuredForks, measuredHeights),
    longestBranch,
  };
}

/** Blocks of each height in the order of mining; heights ascending. */
function heightsOf(blocks: readonly RunBlock[]): [number, RunBlock[]][] {
  const byHeight = new Map<number, RunBlock[]>();
  for (const block of blocks) {
    const same = byHeight.get(block.height);
    if (same === undefined) byHeight.set(block.height, [block]);
    else same.push(block);
  }
  return [...byHeight].sort(([a], [b]) => a - b);
}

/** For each height at which a stale branch leaves the final chain, the length of the longest one. */
function branchLengths(blocks: readonly RunBlock[]): Map<number, number> {
  const lengths = new Map<number, number>();
  /** Where the branch of each stale block leaves the final chain. Parents come first, so one look back is enough. */
  const starts = new Map<RunBlock, number>();
  const stale = blocks.filter((block) => !block.isFinal).sort((a, b) => a.height - b.height);
  for (const block of stale) {
    const start = (block.parent === null ? undefined : starts.get(block.parent)) ?? block.height;
    starts.set(block, start);
    lengths.set(start, Math.max(lengths.get(start) ?? 0, block.height - start + 1));
  }
  return lengths;
}

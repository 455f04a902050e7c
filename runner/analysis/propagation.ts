import { invariant } from "../../node/core/support/invariant.ts";
import type { Micros } from "../../node/core/support/micros.ts";
import type { RunEvent } from "../record/run-event.ts";
import type { RunBlock, RunTree } from "./block-tree.ts";
import { type Quantiles, quantilesUs } from "./statistics.ts";

/**
 * How many pairs of block and node one run may have, 8 bytes each: 1.6 GB. A run that large is one for a longer
 * warm-up or fewer nodes, and should hear so instead of running out of memory.
 */
const PAIRS_MAX = 200_000_000;

/** Share of the nodes that a block must have reached, in percent. */
export const REACH_PERCENTS = [50, 90, 99] as const;

export interface Propagation {
  /** From mining to arrival, over all deliveries of blocks mined after the warm-up; the miner is not a delivery. */
  readonly delayUs: Quantiles;
  readonly deliveredCount: number;
  /** Pairs of such a block and another node that the block never reached before the run ended. */
  readonly censoredCount: number;
  readonly nodeCount: number;
  /** From mining to arrival; 0 at the miner, null if the node never got it. */
  readonly arrivalUs: (block: RunBlock, node: number) => Micros | null;
  /**
   * From mining until so many percent of all nodes, the miner among them, held the block; null if they never did.
   * Nodes that are down count: a network that lost half its nodes does not reach 99 %.
   */
  readonly reachUs: (block: RunBlock, percent: (typeof REACH_PERCENTS)[number]) => Micros | null;
  /** The least delay of all deliveries; below 0 when the clocks of two nodes disagree, null without deliveries. */
  readonly earliestUs: Micros | null;
  /** Arrivals of blocks that nobody is known to have mined: the journal has a hole. */
  readonly unknownCount: number;
}

/** The first arrival of each block at each node; a node that fetches a block again after a crash does not count twice. */
export function measurePropagation(
  events: Iterable<RunEvent>,
  tree: RunTree,
  nodeCount: number,
  warmUpUs: Micros,
): Propagation {
  invariant(tree.blocks.length * nodeCount <= PAIRS_MAX, `more than ${PAIRS_MAX} pairs of block and node`);
  const delays = new Float64Array(tree.blocks.length * nodeCount).fill(Number.NaN);
  for (const block of tree.blocks) delays[block.index * nodeCount + block.miner] = 0;
  let unknownCount = 0;
  let earliestUs: Micros | null = null;
  for (const event of events) {
    if (event.type !== "block-received") continue;
    const block = tree.byHash.get(event.hash);
    if (block === undefined) {
      unknownCount++;
      continue;
    }
    const place = block.index * nodeCount + event.node;
    if (!Number.isNaN(delays[place])) continue;
    const delayUs = event.atUs - block.minedAtUs;
    delays[place] = delayUs;
    if (earliestUs === null || delayUs < earliestUs) earliestUs = delayUs;
  }

  const arrivalUs = (block: RunBlock, node: number) => {
    const delay = delays[block.index * nodeCount + node];
    return delay === undefined || Number.isNaN(delay) ? null : delay;
  };
  const measured = tree.blocks.filter((block) => block.minedAtUs >= warmUpUs);
  const delivered = deliveriesOf(measured, delays, nodeCount);
  return {
    delayUs: quantilesUs(delivered),
    deliveredCount: delivered.length,
    censoredCount: measured.length * (nodeCount - 1) - delivered.length,
    nodeCount,
    arrivalUs,
    reachUs: reachOf(delays, nodeCount),
    earliestUs,
    unknownCount,
  };
}

function deliveriesOf(blocks: readonly RunBlock[], delays: Float64Array, nodeCount: number): Float64Array {
  const delivered = new Float64Array(blocks.length * nodeCount);
  let count = 0;
  for (const block of blocks)
    for (let node = 0; node < nodeCount; node++) {
      const delay = delays[block.index * nodeCount + node] ?? Number.NaN;
      if (node !== block.miner && !Number.isNaN(delay)) delivered[count++] = delay;
    }
  return delivered.subarray(0, count);
}

function reachOf(delays: Float64Array, nodeCount: number): Propagation["reachUs"] {
  let sortedOf: RunBlock | null = null;
  let sorted = new Float64Array();
  return (block, percent) => {
    // The three percentages of one block are asked for one after the other.
    if (sortedOf !== block) {
      const start = block.index * nodeCount;
      // A typed array sorts NaN, which is "never", to its end.
      sorted = delays.slice(start, start + nodeCount).sort();
      sortedOf = block;
    }
    const needed = Math.max(1, Math.ceil((nodeCount * percent) / 100));
    const delay = sorted[needed - 1];
    return delay === undefined || Number.isNaN(delay) ? null : delay;
  };
}

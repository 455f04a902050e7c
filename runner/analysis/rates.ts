import { MICROS_PER_SEC, type Micros } from "../../node/core/support/micros.ts";
import type { RunPlan } from "../plan.ts";
import type { FaultApplied, NodeSampled, TransactionSubmitted } from "../record/run-event.ts";
import type { RunTree } from "./block-tree.ts";
import { type DownTime, overlapUs } from "./down-times.ts";
import { largest, mean, type Quantiles, quantile, quantilesUs, roundedUs } from "./statistics.ts";

/** What was asked for against what was achieved; each null when nothing says. */
export interface AskedAchieved {
  readonly asked: number | null;
  readonly achieved: number | null;
}

export interface LoadFigures {
  /** Transactions per second over the run: as planned, as handed to nodes. */
  readonly perSec: AskedAchieved;
  /** Planned until the run ended, and never handed to a node. */
  readonly shedCount: number;
  /** How long after its time each transaction was handed over. */
  readonly latenessUs: Quantiles;
  readonly latenessUsMax: Micros | null;
  /**
   * The same over nodes that were up all the time. What was due at a node that was down is late or shed because the
   * scenario asked for that, and says nothing of the machine.
   */
  readonly atSteadyNodes: {
    readonly plannedCount: number;
    readonly shedCount: number;
    readonly latenessUsP99: Micros | null;
  };
}

/**
 * What the plan wanted to submit by the end of the run against what the journal says was submitted. An account may stand
 * in for another of its node, so what is compared is counts by node.
 */
export function measureLoad(
  plan: RunPlan,
  submitted: readonly TransactionSubmitted[],
  downTimes: readonly (readonly DownTime[])[],
  endUs: Micros,
): LoadFigures {
  const planned = plan.load.filter((each) => each.atUs < endUs);
  const lateness = latenessOf(submitted);
  const perSec = (count: number) => (endUs > 0 ? (count * MICROS_PER_SEC) / endUs : null);
  const isSteady = (node: number | undefined) => node !== undefined && downTimes[node]?.length === 0;
  const steadyPlanned = planned.filter((each) => isSteady(plan.accounts[each.account]?.node)).length;
  const steadySubmitted = submitted.filter((each) => isSteady(each.node));
  return {
    perSec: { asked: perSec(planned.length), achieved: perSec(submitted.length) },
    shedCount: Math.max(0, planned.length - submitted.length),
    latenessUs: quantilesUs(lateness),
    latenessUsMax: largest(lateness),
    atSteadyNodes: {
      plannedCount: steadyPlanned,
      shedCount: Math.max(0, steadyPlanned - steadySubmitted.length),
      latenessUsP99: quantilesUs(latenessOf(steadySubmitted)).p99,
    },
  };
}

function latenessOf(submitted: readonly TransactionSubmitted[]): Float64Array {
  return Float64Array.from(submitted, (each) => each.atUs - each.plannedAtUs);
}

export interface HashFigures {
  /** Means over the time that the node was up, by node; null for a node that was never sampled while up. */
  readonly nodes: readonly AskedAchieved[];
  /** Sums over the nodes that were sampled. */
  readonly total: AskedAchieved;
  /**
   * Blocks that the hash rate asked for should have brought in the time that was sampled and nodes were up: the sum of
   * rate x time over the mean work of a block. Null without samples or blocks.
   */
  readonly expectedBlockCount: number | null;
}

/**
 * Hash rates from the samples, each weighted by the time since the sample before it (of the first: since the start).
 * A span in which the node was down for a while counts for neither rate: it achieved less because it was asked to be down.
 */
export function measureHashRates(
  samples: readonly NodeSampled[],
  tree: RunTree,
  downTimes: readonly (readonly DownTime[])[],
): HashFigures {
  const sums = downTimes.map((down) => ({ down, sinceUs: 0, timeUs: 0, asked: 0, achieved: 0, expected: 0 }));
  for (const sample of samples) {
    const sum = sums[sample.node];
    if (sum === undefined) continue;
    const spanUs = sample.atUs - sum.sinceUs;
    const downUs = overlapUs(sum.down, sum.sinceUs, sample.atUs);
    sum.sinceUs = sample.atUs;
    if (sample.hashesPerSecAsked === null || sample.hashesPerSecAchieved === null || spanUs <= 0) continue;
    sum.expected += (sample.hashesPerSecAsked * (spanUs - downUs)) / MICROS_PER_SEC;
    if (downUs > 0) continue;
    sum.timeUs += spanUs;
    sum.asked += sample.hashesPerSecAsked * spanUs;
    sum.achieved += sample.hashesPerSecAchieved * spanUs;
  }
  const nodes = sums.map(({ timeUs, asked, achieved }) =>
    timeUs === 0 ? { asked: null, achieved: null } : { asked: asked / timeUs, achieved: achieved / timeUs },
  );
  const sampled = nodes.filter((node) => node.asked !== null);
  const total = (key: keyof AskedAchieved) =>
    sampled.length === 0 ? null : sampled.reduce((sum, node) => sum + (node[key] ?? 0), 0);
  const blockWork = mean(tree.blocks.map((block) => Number(block.work)));
  const hashes = sums.reduce((sum, each) => sum + each.expected, 0);
  return {
    nodes,
    total: { asked: total("asked"), achieved: total("achieved") },
    expectedBlockCount: blockWork === null || sampled.length === 0 ? null : hashes / blockWork,
  };
}

export interface IntervalFigures {
  /** From one block of the final chain to the next, both mined after the warm-up. */
  readonly meanUs: Micros | null;
  readonly medianUs: Micros | null;
  readonly count: number;
}

export function measureIntervals(tree: RunTree, warmUpUs: Micros): IntervalFigures {
  const gaps: number[] = [];
  for (const block of tree.finalChain)
    if (block.parent !== null && block.parent.minedAtUs >= warmUpUs)
      gaps.push(block.minedAtUs - block.parent.minedAtUs);
  const sorted = Float64Array.from(gaps).sort();
  return { meanUs: roundedUs(mean(sorted)), medianUs: roundedUs(quantile(sorted, 0.5)), count: gaps.length };
}

/** How long after its time the latest line of the timeline was carried out; null if there was none. */
export function faultLatenessUsMax(faults: readonly FaultApplied[]): Micros | null {
  return largest(faults.map((fault) => fault.appliedAtUs - fault.plannedAtUs));
}

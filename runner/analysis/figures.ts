import type { Analysis } from "./analyse.ts";
import { type Figure, figure } from "./figure.ts";
import { TRANSACTION_FIGURES } from "./transaction-figures.ts";

const CHAIN: readonly Figure[] = [
  figure("ended_ms", "us", "ms", "Time at which the recording ended.", (a) => a.endUs),
  figure("blocks_mined", "count", "blocks", "Blocks mined in the whole run.", (a) => a.tree.blocks.length),
  figure("final_height", "count", "blocks", "Height of the final chain.", (a) => a.tree.finalChain.length),
  figure(
    "blocks_measured",
    "count",
    "blocks",
    "Blocks of the measured window: mined after the warm-up, at least `confirmations` below the final tip.",
    (a) => a.forks.stale.trials,
    "blocks",
  ),
  figure(
    "blocks_stale",
    "count",
    "blocks",
    "Measured blocks off the final chain.",
    (a) => a.forks.stale.hits,
  ),
  figure(
    "stale_ratio",
    "ratio",
    null,
    "Stale blocks over all blocks, both of the measured window.",
    (a) => a.forks.stale.ratio,
    "staleRate",
  ),
  figure(
    "stale_ratio_low",
    "ratio",
    null,
    "Lower end of its 95 % Wilson interval.",
    (a) => a.forks.stale.low,
  ),
  figure(
    "stale_ratio_high",
    "ratio",
    null,
    "Upper end of its 95 % Wilson interval.",
    (a) => a.forks.stale.high,
  ),
  figure(
    "forks",
    "count",
    "heights",
    "Heights with more than one block, in the whole run.",
    (a) => a.forks.forks.length,
  ),
  figure(
    "fork_ratio",
    "ratio",
    null,
    "Heights with more than one block over all heights, both of the measured window.",
    (a) => a.forks.forked.ratio,
    "forkRate",
  ),
  figure(
    "fork_ratio_low",
    "ratio",
    null,
    "Lower end of its 95 % Wilson interval.",
    (a) => a.forks.forked.low,
  ),
  figure(
    "fork_ratio_high",
    "ratio",
    null,
    "Upper end of its 95 % Wilson interval.",
    (a) => a.forks.forked.high,
  ),
  figure(
    "stale_branch_blocks_max",
    "count",
    "blocks",
    "Length of the longest branch off the final chain.",
    (a) => a.forks.longestBranch,
  ),
  figure(
    "block_interval_ms_mean",
    "us",
    "ms",
    "Mean time between two blocks of the final chain, both mined after the warm-up.",
    (a) => a.intervals.meanUs,
    "blockInterval",
  ),
  figure(
    "block_interval_ms_p50",
    "us",
    "ms",
    "Median of the same; for a Poisson process 0.693 times the mean.",
    (a) => a.intervals.medianUs,
  ),
];

const NETWORK: readonly Figure[] = [
  figure(
    "reorgs",
    "count",
    "reorganisations",
    "Reorganisations of all nodes together, in the whole run.",
    (a) => (a.reorganisations.depthMax === null ? null : a.reorganisations.list.length),
  ),
  figure(
    "reorg_depth_max",
    "count",
    "blocks",
    "Blocks that the deepest reorganisation of any node took off its chain.",
    (a) => a.reorganisations.depthMax,
    "reorgDepth",
  ),
  figure(
    "converged_after_ms_max",
    "us",
    "ms",
    "Longest time from a heal, restart or resume that left no link cut to the first instant at which all running nodes had one tip; empty if one of them was never followed by such an instant.",
    slowestRecoveryUs,
  ),
  figure(
    "propagation_ms_p50",
    "us",
    "ms",
    "Time from the mining of a block to its arrival at another node, median over deliveries of blocks mined after the warm-up.",
    (a) => a.propagation.delayUs.p50,
    "propagationP50",
  ),
  figure(
    "propagation_ms_p90",
    "us",
    "ms",
    "The same, 90 %.",
    (a) => a.propagation.delayUs.p90,
    "propagationP90",
  ),
  figure(
    "propagation_ms_p99",
    "us",
    "ms",
    "The same, 99 %.",
    (a) => a.propagation.delayUs.p99,
    "propagationP99",
  ),
  figure(
    "deliveries",
    "count",
    "deliveries",
    "Deliveries that these are over.",
    (a) => a.propagation.deliveredCount,
  ),
  figure(
    "deliveries_censored",
    "count",
    "deliveries",
    "Pairs of such a block and a node that it never reached.",
    (a) => a.propagation.censoredCount,
  ),
  figure(
    "hashes_per_s_asked",
    "number",
    "hashes/s",
    "Hash rate asked of the sampled nodes together, mean over time.",
    (a) => a.hashRates.total.asked,
  ),
  figure(
    "hashes_per_s_achieved",
    "number",
    "hashes/s",
    "Hash rate that they achieved.",
    (a) => a.hashRates.total.achieved,
  ),
];

/** In the order of summary.csv. The names in `expect:` are those of `runner/scenario/expect-schema.ts`. */
export const FIGURES: readonly Figure[] = [...CHAIN, ...NETWORK, ...TRANSACTION_FIGURES];

/** Null if there was no mending to watch, or one was never followed by agreement: the two differ in faults.csv. */
export function slowestRecoveryUs(analysis: Analysis): number | null {
  let slowest: number | null = null;
  for (const { cutLinkCount, agreedAfterUs } of analysis.recoveries) {
    if (cutLinkCount > 0) continue;
    if (agreedAfterUs === null) return null;
    slowest = Math.max(slowest ?? 0, agreedAfterUs);
  }
  return slowest;
}

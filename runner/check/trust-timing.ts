import type { Analysis } from "../analysis/analyse.ts";
import { durationText, numberText, ratioText } from "../analysis/figure-text.ts";
import type { NodeEnd } from "../backends/backend.ts";
import { addLags, lagMsQuantile } from "../backends/lag-counts.ts";
import type { RunPlan } from "../plan.ts";
import type { JudgeContext } from "./context.ts";
import {
  CLOCK_DISAGREEMENT_US_MAX,
  EVENT_LOOP_LAG_MS_MAX,
  EVENT_LOOP_LAG_SAMPLES_RATIO_MAX,
  FAULT_LATENESS_US_MAX,
  HASH_RATE_TOLERANCE_RATIO,
  LOAD_LATENESS_US_P99_MAX,
  LOAD_SHED_COUNT_FREE,
  LOAD_SHED_RATIO_MAX,
  RESTART_LATENESS_US_MAX,
} from "./thresholds.ts";
import { held, notMeasured, type TrustCheck } from "./trust-check.ts";

/** Whether the machine kept up with what the plan asked of it. */
export const TIMING_CHECKS: readonly TrustCheck[] = [
  { check: "load-on-time", claim: "Transactions were handed over when they were due.", judge: loadOnTime },
  { check: "load-complete", claim: "Every planned transaction was handed over.", judge: loadComplete },
  { check: "faults-on-time", claim: "Faults were in force when they were due.", judge: faultsOnTime },
  { check: "event-loop", claim: "Nodes answered without lag of their own.", judge: eventLoop },
  { check: "hash-rate", claim: "Each node hashed at the rate asked of it.", judge: hashRate },
  { check: "clocks", claim: "The clocks of the nodes agree.", judge: clocks },
];

function loadOnTime(_plan: RunPlan, { load }: Analysis) {
  const { latenessUsP99 } = load.atSteadyNodes;
  if (latenessUsP99 === null) return notMeasured("no transaction went to a node that was up all the time");
  return held(
    latenessUsP99 <= LOAD_LATENESS_US_P99_MAX,
    `99 % at most ${durationText(latenessUsP99)} late, ${durationText(LOAD_LATENESS_US_P99_MAX)} allowed`,
  );
}

function loadComplete(_plan: RunPlan, { load }: Analysis) {
  const { plannedCount, shedCount } = load.atSteadyNodes;
  if (plannedCount === 0)
    return notMeasured("no transaction was planned for a node that was up all the time");
  const allowed = Math.max(LOAD_SHED_COUNT_FREE, Math.floor(plannedCount * LOAD_SHED_RATIO_MAX));
  return held(
    shedCount <= allowed,
    `${shedCount} of ${plannedCount} were never handed over, ${allowed} allowed`,
  );
}

function faultsOnTime(_plan: RunPlan, { faults }: Analysis) {
  if (faults.length === 0) return notMeasured("no fault was applied");
  const late = faults.filter(
    (fault) => fault.appliedAtUs - fault.plannedAtUs > allowedLatenessUs(fault.word),
  );
  return held(
    late.length === 0,
    late.length === 0
      ? `${faults.length} applied within ${durationText(FAULT_LATENESS_US_MAX)} (a restart ${durationText(RESTART_LATENESS_US_MAX)})`
      : late
          .map((fault) => `${fault.description} ${durationText(fault.appliedAtUs - fault.plannedAtUs)} late`)
          .join("; "),
  );
}

function allowedLatenessUs(word: string) {
  return word === "restart" ? RESTART_LATENESS_US_MAX : FAULT_LATENESS_US_MAX;
}

function eventLoop(_plan: RunPlan, { samples }: Analysis, { isLive, nodeEnds }: JudgeContext) {
  const lags = samples.flatMap((sample) => sample.eventLoopLagMsP99 ?? []);
  if (lags.length === 0)
    return isLive
      ? held(false, "no node reported its lag")
      : notMeasured("simulated nodes have no event loop");
  const lateCount = lags.filter((lag) => lag > EVENT_LOOP_LAG_MS_MAX).length;
  return held(
    lateCount <= lags.length * EVENT_LOOP_LAG_SAMPLES_RATIO_MAX,
    [
      `${ratioText(lateCount / lags.length)} of the samples above ${EVENT_LOOP_LAG_MS_MAX} ms, ${ratioText(EVENT_LOOP_LAG_SAMPLES_RATIO_MAX)} allowed`,
      ...describeEventLoops(nodeEnds ?? []),
    ].join("; "),
  );
}

/** The samples say how the worst moment of a second was; this says how all moments were. */
function describeEventLoops(nodeEnds: readonly NodeEnd[]): string[] {
  const all = new Map<number, number>();
  let worst: { node: number; lagMs: number } | null = null;
  for (const { node, eventLoop } of nodeEnds) {
    if (eventLoop === undefined) continue;
    addLags(all, eventLoop.lagCounts);
    const lagMs = lagMsQuantile(eventLoop.lagCounts, 0.99);
    if (lagMs !== null && (worst === null || lagMs > worst.lagMs)) worst = { node, lagMs };
  }
  const restless = nodeEnds.filter(({ eventLoop }) => eventLoop?.wasCalmAtStart === false);
  const begun = `the run began before ${restless.length} of ${nodeEnds.length} nodes had a second without lag`;
  return [
    ...(worst === null
      ? []
      : [
          `99 % of the time at most ${lagMsQuantile(all, 0.99)} ms, at node ${worst.node}, the worst, ${worst.lagMs} ms`,
        ]),
    ...(restless.length === 0 ? [] : [begun]),
  ];
}

function hashRate(plan: RunPlan, { hashRates, changes }: Analysis, { isLive }: JudgeContext) {
  // A node that was down may have had no whole span between two samples.
  const wentDown = new Set(changes.flatMap(({ node, state }) => (state === "started" ? [] : [node])));
  const unseen = plan.nodes.filter(
    ({ index, hashesPerSec }) =>
      hashesPerSec > 0 && (hashRates.nodes[index]?.achieved ?? null) === null && !wentDown.has(index),
  );
  const seen = hashRates.nodes.flatMap(({ asked, achieved }, node) =>
    asked === null || achieved === null ? [] : [{ node, asked, achieved }],
  );
  if (isLive && unseen.length > 0)
    return held(false, `no hash rate was measured of ${unseen.map((node) => node.name).join(", ")}`);
  if (seen.length === 0) return notMeasured("no hash rate was sampled");
  const isOff = (each: (typeof seen)[number]) =>
    Math.abs(each.achieved - each.asked) > each.asked * HASH_RATE_TOLERANCE_RATIO;
  const off = seen.filter(isOff);
  const describe = ({ node, asked, achieved }: (typeof seen)[number]) =>
    `node ${node} ${numberText(achieved)} of ${numberText(asked)} hashes/s`;
  return held(
    off.length === 0,
    off.length === 0
      ? `all ${seen.length} within ${ratioText(HASH_RATE_TOLERANCE_RATIO)}`
      : `${off.slice(0, 5).map(describe).join("; ")}${off.length > 5 ? `; and ${off.length - 5} more` : ""}`,
  );
}

function clocks(_plan: RunPlan, { propagation }: Analysis) {
  const { earliestUs } = propagation;
  if (earliestUs === null) return notMeasured("no block was delivered");
  return held(
    earliestUs >= -CLOCK_DISAGREEMENT_US_MAX,
    `the fastest delivery took ${durationText(earliestUs)}, at least -${durationText(CLOCK_DISAGREEMENT_US_MAX)} wanted`,
  );
}

import type { Micros } from "../../node/core/support/micros.ts";
import type { RunPlan } from "../plan.ts";
import type { BlockRefused, FaultApplied, NodeChanged, NodeSampled, RunEvent } from "../record/run-event.ts";
import { type Agreement, lastAgreedUs, replayTips } from "./agreement.ts";
import { buildTree, type RunTree } from "./block-tree.ts";
import { downTimesOf } from "./down-times.ts";
import { type ForkFigures, measureForks } from "./forks.ts";
import { measurePropagation, type Propagation } from "./propagation.ts";
import {
  faultLatenessUsMax,
  type HashFigures,
  type IntervalFigures,
  type LoadFigures,
  measureHashRates,
  measureIntervals,
  measureLoad,
} from "./rates.ts";
import { measureRecoveries, type Recovery } from "./recovery.ts";
import { findReorganisations, type ReorganisationFigures } from "./reorganisations.ts";
import { sortEvents } from "./sorted-events.ts";
import { followTransactions, type TransactionFigures } from "./transactions.ts";

/** All figures of a run. Each comes from the journal and the plan alone, so the same journal gives the same figures. */
export interface Analysis {
  /** When the recording ended; earlier than planned if the run was stopped. */
  readonly endUs: Micros;
  readonly tree: RunTree;
  readonly forks: ForkFigures;
  readonly reorganisations: ReorganisationFigures;
  readonly propagation: Propagation;
  readonly transactions: TransactionFigures;
  readonly agreement: Agreement;
  /** When running nodes last agreed on the tip; null if never. */
  readonly lastAgreedUs: Micros | null;
  readonly recoveries: readonly Recovery[];
  readonly intervals: IntervalFigures;
  readonly hashRates: HashFigures;
  readonly load: LoadFigures;
  readonly faults: readonly FaultApplied[];
  readonly faultLatenessUsMax: Micros | null;
  readonly refusals: readonly BlockRefused[];
  readonly samples: readonly NodeSampled[];
  readonly changes: readonly NodeChanged[];
}

/**
 * Computes the figures of a run. `events` are in the order of a finished journal and are walked several times, so a
 * generator will not do. `endUs` is given when the run was stopped before its time.
 */
export function analyse(
  plan: RunPlan,
  events: Iterable<RunEvent>,
  endUs: Micros = plan.durationUs,
): Analysis {
  const nodeCount = plan.nodes.length;
  const { warmUpUs, confirmations } = plan;
  const lists = sortEvents(events);
  const tree = buildTree(lists.mined);
  const downTimes = downTimesOf(lists.changes, nodeCount);
  const agreement = replayTips(events, nodeCount, lists.changes);
  return {
    endUs,
    tree,
    forks: measureForks(tree, { warmUpUs, confirmations }),
    reorganisations: findReorganisations(events, nodeCount),
    propagation: measurePropagation(events, tree, nodeCount, warmUpUs),
    transactions: followTransactions(lists.submitted, lists.settled, tree, {
      warmUpUs,
      endUs,
      confirmations,
    }),
    agreement,
    lastAgreedUs: lastAgreedUs(agreement.series, endUs),
    recoveries: measureRecoveries(lists.faults, plan.timeline, agreement.series, endUs),
    intervals: measureIntervals(tree, warmUpUs),
    hashRates: measureHashRates(lists.samples, tree, downTimes),
    load: measureLoad(plan, lists.submitted, downTimes, endUs),
    faults: lists.faults,
    faultLatenessUsMax: faultLatenessUsMax(lists.faults),
    refusals: lists.refused,
    samples: lists.samples,
    changes: lists.changes,
  };
}

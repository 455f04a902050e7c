import { stringify } from "yaml";
import { CHECKPOINT_DEPTH_BLOCKS } from "../node/adapters/metrics/chain-figures.ts";
import { network } from "./promql.ts";

/** How long something must be wrong before it is told, and over which time reports are compared; tests take shorter ones. */
export interface RuleTimes {
  readonly holdSec: number;
}

export const USUAL_TIMES: RuleTimes = { holdSec: 30 };

export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: { readonly severity: "warning" | "critical" };
  readonly annotations: { readonly summary: string; readonly description: string };
}

const height = network.series("forklab_chain_height_blocks");
const tipAge = network.series("forklab_tip_age_seconds");
const inSync = `${network.series("forklab_sync_behind_blocks")} == 0`;
const asked = network.series("forklab_hash_rate_hashes_per_second", { kind: "asked" });
const achieved = network.series("forklab_hash_rate_hashes_per_second", { kind: "achieved" });
const stale = network.series("forklab_stale_blocks");

const INTERVAL = "forklab:block_interval_expected_seconds";
const HEIGHT = "forklab:chain_height_blocks:max";
const SPREAD = "forklab:chain_height_blocks:spread";
const CONFLICTS = "forklab:checkpoint_conflicts";

/** Intervals without a block after which something is wrong: by chance it happens once in 22,000 blocks. */
const SILENT_INTERVALS = 10;

/** Of the hash rate asked: below it the run's figures are not what its scenario says. */
const ACHIEVED_RATIO_MIN = 0.8;

/** What is worth keeping in one series, for dashboards of one's own and for the alerts. */
export const RECORDING_RULES: readonly RecordingRule[] = [
  { record: HEIGHT, expr: `max(${height})` },
  // Of nodes that believe themselves in sync: one that catches up is behind, and disagrees with nobody.
  { record: SPREAD, expr: `max(${height} and ${inSync}) - min(${height} and ${inSync})` },
  {
    record: "forklab:tips:count",
    expr: `count(count_values("tip", ${network.series("forklab_tip_fingerprint")}))`,
  },
  { record: "forklab:hash_rate_hashes_per_second:sum", expr: `sum(${achieved})` },
  { record: "forklab:stale_blocks:ratio", expr: `avg(${stale} / clamp_min(${stale} + ${height}, 1))` },
  // The target of the rule; where difficulty is fixed what blocks took lately; and before there were any what the hash rate promises.
  {
    record: INTERVAL,
    expr:
      `max(${network.series("forklab_block_interval_target_seconds")}) ` +
      `or avg(${network.series("forklab_block_interval_seconds")}) ` +
      `or (2 ^ avg(${network.series("forklab_difficulty_bits")})) / sum(${asked})`,
  },
  // A height has one block where all agree; every further one is a conflict.
  {
    record: CONFLICTS,
    expr:
      `count(count_values("block", ${network.series("forklab_checkpoint_fingerprint")})) ` +
      `- count(count_values("height", ${network.series("forklab_checkpoint_height_blocks")}))`,
  },
];

/** What somebody should look at. Each is seen to fire and to resolve in test/engine/dashboards.test.ts. */
export function alertRules({ holdSec }: RuleTimes): readonly AlertRule[] {
  const rule = (
    alert: string,
    severity: AlertRule["labels"]["severity"],
    expr: string,
    summary: string,
    description: string,
  ): AlertRule => ({
    alert,
    expr,
    for: `${holdSec}s`,
    labels: { severity },
    annotations: { summary, description },
  });
  return [
    rule(
      "NoBlockForTenIntervals",
      "critical",
      `min(${tipAge}) > ${SILENT_INTERVALS} * ${INTERVAL} ` +
        `and (time() - min(${network.series("process_start_time_seconds")})) > ${SILENT_INTERVALS} * ${INTERVAL}`,
      "No node has had a new block for ten intervals",
      "The newest tip is {{ $value | humanizeDuration }} old. Is anyone mining, and do the nodes reach one another?",
    ),
    rule(
      "NodesDisagree",
      "critical",
      `${CONFLICTS} > 0 or ${SPREAD} > ${CHECKPOINT_DEPTH_BLOCKS}`,
      `Nodes disagree about a block that is ${CHECKPOINT_DEPTH_BLOCKS} deep, or more`,
      "The network is split, or was: what one side calls confirmed the other will undo.",
    ),
    rule(
      "TargetDown",
      "critical",
      `${network.series("up")} == 0`,
      "{{ $labels.instance }} does not answer",
      "Prometheus could not read this node's metrics. It is down, stands still, or cannot be reached.",
    ),
    rule(
      "NodeAlone",
      "warning",
      `${network.series("forklab_peers", { state: "up" })} == 0 and on() count(${height}) > 1`,
      "{{ $labels.node }} has no peer",
      "There are other nodes, and this one is linked with none: it mines for itself.",
    ),
    rule(
      "HashRateMissed",
      "warning",
      `sum(${achieved}) < ${ACHIEVED_RATIO_MIN} * sum(${asked})`,
      "The nodes hash less than was asked of them",
      "They achieve {{ $value | humanize }} hashes a second: the machine does not keep up, or somebody stopped mining.",
    ),
  ];
}

/** The text of rules.yml. */
export function rulesFile(times: RuleTimes): string {
  return stringify(
    {
      groups: [
        { name: "forklab", rules: RECORDING_RULES },
        { name: "forklab-alerts", rules: alertRules(times) },
      ],
    },
    { lineWidth: 0 },
  );
}

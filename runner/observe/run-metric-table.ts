import { DEPTH_LABELS } from "../../node/adapters/metrics/depth-label.ts";
import type { MetricRow } from "../../node/adapters/metrics/metric-table.ts";
import { EVERY_FAULT_WORD } from "../faults/fault-words.ts";
import { RUN_PHASES } from "./run-phase.ts";

const FAULT_WORDS = [...EVERY_FAULT_WORD];

/** How far a transaction of the load has come. */
const TRANSACTION_STAGES = ["due", "submitted", "accepted", "refused", "unknown"] as const;

/**
 * What the runner itself exports about a live run (`--observe`); docs/metrics.md and the queries of the dashboards are made from this table.
 * Heights, blocks and forks are those of the run's journal, so they are what the results will say.
 */
export const RUN_METRICS = {
  forklab_run_info: {
    type: "gauge",
    unit: "1",
    labels: ["scenario", "seed", "backend"],
    help: "Always 1: what is run, with which seed, and where.",
  },
  forklab_run_phase: {
    type: "gauge",
    unit: "1",
    labels: ["phase"],
    help: `1 for what is going on now, 0 for the rest: ${RUN_PHASES.join(", ")}. Links can be cut while nodes are down.`,
  },
  forklab_run_elapsed_seconds: {
    type: "gauge",
    unit: "seconds",
    labels: [],
    help: "Time since the start of the run.",
  },
  forklab_run_duration_seconds: {
    type: "gauge",
    unit: "seconds",
    labels: [],
    help: "How long the run is to take.",
  },
  forklab_run_nodes: {
    type: "gauge",
    unit: "nodes",
    labels: ["state"],
    help: "Nodes: state=planned of the scenario, state=up running now.",
  },
  forklab_run_links_cut: {
    type: "gauge",
    unit: "links",
    labels: [],
    help: "Links that the timeline holds cut now; each direction counts.",
  },
  forklab_run_faults_total: {
    type: "counter",
    unit: "faults",
    labels: ["word"],
    values: { word: FAULT_WORDS },
    help: "Lines of the timeline that were carried out, by their word.",
  },
  forklab_run_faults_unconfirmed_total: {
    type: "counter",
    unit: "faults",
    labels: ["word"],
    values: { word: FAULT_WORDS },
    help: "Of these, how many could not be carried out, or were looked for by a probe and not seen.",
  },
  forklab_run_fault_time_seconds: {
    type: "gauge",
    unit: "seconds",
    labels: ["mark", "word", "description"],
    help: "When each fault took effect, since 1970; mark counts them, the first 200 of a run. The dashboards mark these moments.",
  },
  forklab_run_height_blocks: {
    type: "gauge",
    unit: "blocks",
    labels: [],
    help: "Height of the highest block that was mined.",
  },
  forklab_run_blocks_mined_total: {
    type: "counter",
    unit: "blocks",
    labels: [],
    help: "Blocks that were mined.",
  },
  forklab_run_forks_total: {
    type: "counter",
    unit: "heights",
    labels: [],
    help: "Heights with more than one block.",
  },
  forklab_run_reorganisations_total: {
    type: "counter",
    unit: "reorganisations",
    labels: ["depth"],
    values: { depth: DEPTH_LABELS },
    help: `Changes of tip, at any node, that left blocks behind, by how many: ${DEPTH_LABELS.join(", ")}.`,
  },
  forklab_run_tips: {
    type: "gauge",
    unit: "tips",
    labels: [],
    help: "Different tips of the nodes that are up.",
  },
  forklab_run_hash_rate_hashes_per_second: {
    type: "gauge",
    unit: "hashes per second",
    labels: ["kind"],
    help: "Of all nodes, as they last told: kind=asked of them, kind=achieved by them.",
  },
  forklab_run_transactions_total: {
    type: "counter",
    unit: "transactions",
    labels: ["stage"],
    values: { stage: TRANSACTION_STAGES },
    help:
      "Transactions of the load: stage=due by the plan, stage=submitted to a node, and by its answer stage=accepted, stage=refused, or " +
      "stage=unknown where none came that can be trusted.",
  },
  forklab_run_event_loop_lag_seconds: {
    type: "gauge",
    unit: "seconds",
    labels: [],
    help: "By how much timers came late at the worst node, 99th percentile of its last second. Over 0.05 is too much to trust its times.",
  },
} as const satisfies Readonly<Record<string, MetricRow>>;

/** Faults that are marked; more could not be told apart on a dashboard. */
export const MARKED_FAULTS_MAX = 200;

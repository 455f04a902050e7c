import { METRICS, type MetricRow } from "../node/adapters/metrics/metric-table.ts";
import { PROCESS_METRICS } from "../node/adapters/metrics/process-table.ts";
import { RUN_METRICS } from "../runner/observe/run-metric-table.ts";

/** What Prometheus itself writes of each target. */
const TARGET_METRICS = {
  up: { type: "gauge", unit: "1", labels: [], help: "1 if the last look at the target went well, else 0." },
} as const satisfies Readonly<Record<string, MetricRow>>;

/** Everything that a query may name: the nodes' tables, the runner's, and Prometheus' own. */
export const ALL_METRICS = { ...METRICS, ...PROCESS_METRICS, ...RUN_METRICS, ...TARGET_METRICS };

export type AnyMetric = keyof typeof ALL_METRICS;

type RowOf<Name extends AnyMetric> = (typeof ALL_METRICS)[Name];

/** Metrics with one value a series. */
export type PlainMetric = {
  [Name in AnyMetric]: RowOf<Name>["type"] extends "histogram" ? never : Name;
}[AnyMetric];

export type HistogramMetric = Exclude<AnyMetric, PlainMetric>;

/** Labels of a metric: its own, its node's name where it is a node's, and those of its target. */
export type LabelOf<Name extends AnyMetric> = RowOf<Name>["labels"][number] | TargetLabel;

/** `job` and `instance` come from Prometheus, `node` from the node (`MetricRegistry`). */
export type TargetLabel = "job" | "instance" | "node";

export const TARGET_LABELS: readonly TargetLabel[] = ["job", "instance", "node"];

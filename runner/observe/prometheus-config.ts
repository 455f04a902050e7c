import { stringify } from "yaml";

/** Between two looks at a target; the dashboards, Grafana's data source and compose's Prometheus say the same. */
export const SCRAPE_INTERVAL_SEC = 2;

/** Where Prometheus finds the nodes: addresses, or where it may ask for them (`RunExporter`). */
export type NodeTargets =
  | { readonly addresses: readonly string[] }
  | { readonly discoveryUrl: string; readonly refreshSec?: number };

export interface PrometheusTargets {
  readonly nodes: NodeTargets;
  /** Address of the runner's exporter; null: no run is observed. */
  readonly run: string | null;
  /** As Prometheus sees them. */
  readonly ruleFiles: readonly string[];
  /** Between two looks at a target; rules are evaluated as often. */
  readonly intervalSec: number;
}

/**
 * The text of a prometheus.yml. The dashboards and rules count on its names of jobs: `node` for the nodes, `run` for the runner. No label is
 * changed, so `instance` is a target's address, and the label `node` that nodes give themselves stays.
 */
export function prometheusConfig({ nodes, run, ruleFiles, intervalSec }: PrometheusTargets): string {
  const interval = `${intervalSec}s`;
  const nodeTargets =
    "addresses" in nodes
      ? { static_configs: [{ targets: nodes.addresses }] }
      : { http_sd_configs: [{ url: nodes.discoveryUrl, refresh_interval: `${nodes.refreshSec ?? 5}s` }] };
  return stringify({
    global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
    ...(ruleFiles.length === 0 ? {} : { rule_files: ruleFiles }),
    scrape_configs: [
      { job_name: "node", ...nodeTargets },
      ...(run === null ? [] : [{ job_name: "run", static_configs: [{ targets: [run] }] }]),
    ],
  });
}

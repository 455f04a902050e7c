import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import type { Backend } from "../backends/backend.ts";
import type { DriveProgress } from "../driver/run.ts";
import type { RunPlan } from "../plan.ts";
import type { RunEvent } from "../record/run-event.ts";
import { RunExporter } from "./exporter.ts";
import type { ListenAddress } from "./listen-address.ts";
import { BESIDE_JOB, dashboardAddresses, LiveDashboards } from "./live-dashboards.ts";
import { prometheusConfig, SCRAPE_INTERVAL_SEC } from "./prometheus-config.ts";
import { RunMetrics } from "./run-metrics.ts";

const RULES_FILE = fileURLToPath(new URL("../../dashboards/prometheus/rules.yml", import.meta.url));

/** A run that is served to Prometheus while it lasts. */
export interface Observer {
  /** Where the run can be looked at, in lines for people. */
  readonly text: string;
  hear(event: RunEvent): void;
  progress(progress: DriveProgress): void;
  close(): Promise<void>;
}

export type ObserveOutcome =
  | { readonly ok: true; readonly observer: Observer }
  | { readonly ok: false; readonly reason: string };

/**
 * Opens the exporter of a run that is about to start, and a Prometheus beside it where the backend can, and writes to the dashboards of
 * compose.yaml where they are up. Or says, in words for people, why it could not.
 */
export async function observeRun(
  at: ListenAddress,
  plan: RunPlan,
  backend: Pick<Backend, "name" | "nowUs" | "metricsTargets" | "startPrometheus">,
  signal: AbortSignal,
): Promise<ObserveOutcome> {
  const metrics = new RunMetrics(plan, backend.name, () => backend.nowUs());
  let exporter: RunExporter;
  try {
    exporter = await RunExporter.start(at, metrics, () => backend.metricsTargets?.() ?? []);
  } catch (error) {
    return { ok: false, reason: `--observe cannot listen on ${at.host}, port ${at.port}: ${String(error)}` };
  }
  const prometheus = await backend.startPrometheus?.(prometheusFiles(exporter.address), signal);
  if (prometheus?.ok === false) {
    await exporter.close();
    return { ok: false, reason: `--observe could not start Prometheus: ${prometheus.reason}` };
  }
  const { prometheusUrl, experimentUrl } = dashboardAddresses();
  const dashboards = new LiveDashboards(prometheusUrl, async () => {
    const where = { job: BESIDE_JOB, instance: exporter.address };
    return (await metrics.samples()).map((each) => ({ ...each, labels: { ...each.labels, ...where } }));
  });
  const reader = prometheus === undefined ? "" : `, by Prometheus at ${prometheus.url} until the run ends`;
  const text = [
    `Observed at http://${exporter.address}/metrics${reader}`,
    `Dashboard: ${experimentUrl} (docker compose up --detach grafana starts it)`,
  ].join("\n");
  return {
    ok: true,
    observer: {
      text,
      hear: (event) => metrics.hear(event),
      progress: (progress) => metrics.progress(progress),
      close: async () => {
        await Promise.all([exporter.close(), dashboards.close()]);
      },
    },
  };
}

/** Of a Prometheus that reads one run: where its targets are, and the rules that the dashboards count on. */
function prometheusFiles(exporterAddress: string): Record<string, string> {
  const config = prometheusConfig({
    nodes: { discoveryUrl: `http://${exporterAddress}/targets`, refreshSec: SCRAPE_INTERVAL_SEC },
    run: exporterAddress,
    ruleFiles: [basename(RULES_FILE)],
    intervalSec: SCRAPE_INTERVAL_SEC,
  });
  return { "prometheus.yml": config, [basename(RULES_FILE)]: readFileSync(RULES_FILE, "utf8") };
}

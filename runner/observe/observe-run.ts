import type { Backend } from "../backends/backend.ts";
import type { DriveProgress } from "../driver/run.ts";
import type { RunPlan } from "../plan.ts";
import type { RunEvent } from "../record/run-event.ts";
import { RunExporter } from "./exporter.ts";
import type { ListenAddress } from "./listen-address.ts";
import { RunMetrics } from "./run-metrics.ts";

/** A run that is served to Prometheus while it lasts. */
export interface Observer {
  /** `host:port` of the exporter. */
  readonly address: string;
  hear(event: RunEvent): void;
  progress(progress: DriveProgress): void;
  close(): Promise<void>;
}

export type ObserveOutcome =
  | { readonly ok: true; readonly observer: Observer }
  | { readonly ok: false; readonly reason: string };

/** Opens the exporter of a run that is about to start; or says, in words for people, why it could not. */
export async function observeRun(
  at: ListenAddress,
  plan: RunPlan,
  backend: Pick<Backend, "name" | "nowUs" | "metricsTargets">,
): Promise<ObserveOutcome> {
  const metrics = new RunMetrics(plan, backend.name, () => backend.nowUs());
  try {
    const exporter = await RunExporter.start(at, metrics, () => backend.metricsTargets?.() ?? []);
    return {
      ok: true,
      observer: {
        address: exporter.address,
        hear: (event) => metrics.hear(event),
        progress: (progress) => metrics.progress(progress),
        close: () => exporter.close(),
      },
    };
  } catch (error) {
    return { ok: false, reason: `--observe cannot listen on ${at.host}, port ${at.port}: ${String(error)}` };
  }
}

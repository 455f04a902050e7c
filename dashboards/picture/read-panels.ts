import type { Dashboard, Panel } from "@grafana/grafana-foundation-sdk/dashboard";
import { panelsOf } from "../all-dashboards.ts";
import type { PrometheusClient, Sample, TimeRange } from "../prometheus-client.ts";
import { filledIn, promQueriesOf, type Variables } from "../queries.ts";

export interface NamedSeries {
  /** As the legend has it. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly samples: readonly Sample[];
}

/** A panel with what Prometheus had for it. */
export interface FilledPanel {
  readonly panel: Panel;
  /** Over the whole time; of a panel that shows what is now, at its end. */
  readonly series: readonly NamedSeries[];
}

/** A fault of the run. */
export interface Mark {
  readonly atSec: number;
  readonly word: string;
}

/** Asks all queries of a dashboard, as Grafana would for this range of time. */
export async function readPanels(
  dashboard: Dashboard,
  prometheus: PrometheusClient,
  range: TimeRange,
  variables: Variables,
): Promise<readonly FilledPanel[]> {
  return await Promise.all(
    panelsOf(dashboard).map(async (panel) => {
      const answers = await Promise.all(
        promQueriesOf(panel).map(async ({ expr, legendFormat = "", instant }) => {
          const query = filledIn(expr, variables);
          const isNow = instant === true;
          const series = isNow
            ? await prometheus.instant(query, range.toSec)
            : await prometheus.range(query, range);
          return series
            .map(({ labels, samples }) => ({ name: legendText(legendFormat, labels), labels, samples }))
            .sort((one, other) => one.name.localeCompare(other.name, "en", { numeric: true }));
        }),
      );
      return { panel, series: answers.flat() };
    }),
  );
}

/** The faults that a dashboard marks, by time. */
export async function readMarks(
  prometheus: PrometheusClient,
  { fromSec, toSec }: TimeRange,
): Promise<readonly Mark[]> {
  const found = await prometheus.instant("last_over_time(forklab_run_fault_time_seconds[1h])", toSec);
  return found
    .map(({ labels, samples }) => ({ atSec: samples[0]?.value ?? 0, word: labels.word ?? "" }))
    .filter(({ atSec }) => atSec >= fromSec && atSec <= toSec)
    .sort((a, b) => a.atSec - b.atSec);
}

function legendText(format: string, labels: Readonly<Record<string, string>>): string {
  return format.replaceAll(/\{\{(\w+)\}\}/g, (_all, label: string) => labels[label] ?? "");
}

import type { MetricRow } from "./adapters/metrics/metric-table.ts";
import type { MetricTable } from "./adapters/metrics/table-registry.ts";

/** The lines of a page's table of metrics. */
export function metricTable(table: MetricTable): string[] {
  return [
    cells("metric", "type", "unit", "labels", "meaning"),
    cells("---", "---", "---", "---", "---"),
    ...Object.entries<MetricRow>(table).map(([name, row]) =>
      cells(code(name), row.type, row.unit, row.labels.map(code).join(", "), row.help),
    ),
  ];
}

/** The bounds of each histogram of a table, as a list. */
export function bucketList(table: MetricTable): string[] {
  return Object.entries<MetricRow>(table).flatMap(([name, { buckets }]) =>
    buckets === undefined ? [] : [`- ${code(name)}: ${buckets.join(", ")}`],
  );
}

/** A row of a table in Markdown. */
export function cells(...texts: readonly string[]): string {
  return `| ${texts.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`;
}

export function code(text: string): string {
  return `\`${text}\``;
}

import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { MetricRow } from "./metric-table.ts";

export type MetricTable = Readonly<Record<string, MetricRow>>;

/** One series as it stands. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

type NamesOf<Table extends MetricTable, Type extends MetricRow["type"]> = {
  [Name in keyof Table & string]: Table[Name]["type"] extends Type ? Name : never;
}[keyof Table & string];

/** Values of exactly the labels that the table has for a metric; nothing at all where it has none. */
type LabelsArgument<Row extends MetricRow> = Row["labels"]["length"] extends 0
  ? readonly []
  : readonly [labels: Readonly<Record<Row["labels"][number], string>>];

/** The metrics of one table in Prometheus' text format. A name or a label that is not in the table does not compile. */
export class TableRegistry<const Table extends MetricTable> {
  protected readonly registry = new Registry();
  readonly #table: Table;
  readonly #gauges = new Map<string, Gauge>();
  readonly #counters = new Map<string, Counter>();
  readonly #histograms = new Map<string, Histogram>();

  constructor(table: Table, everywhere: Readonly<Record<string, string>> = {}) {
    this.#table = table;
    this.registry.setDefaultLabels({ ...everywhere });
    for (const [name, row] of Object.entries<MetricRow>(table)) this.#register(name, row);
  }

  set<Name extends NamesOf<Table, "gauge">>(
    name: Name,
    value: number,
    ...[labels]: LabelsArgument<Table[Name]>
  ): void {
    this.#gauges.get(name)?.set(labels ?? {}, value);
  }

  add<Name extends NamesOf<Table, "counter">>(
    name: Name,
    amount: number,
    ...[labels]: LabelsArgument<Table[Name]>
  ): void {
    this.#counters.get(name)?.inc(labels ?? {}, amount);
  }

  observe<Name extends NamesOf<Table, "histogram">>(
    name: Name,
    value: number,
    ...[labels]: LabelsArgument<Table[Name]>
  ): void {
    this.#histograms.get(name)?.observe(labels ?? {}, value);
  }

  /**
   * Makes the series of counters whose labels are known beforehand, at 0: a counter that appears with its first event has no rate then,
   * and a panel of what has not happened yet would be empty.
   */
  startAtZero(): void {
    for (const [name, { type, labels, values = {} }] of Object.entries<MetricRow>(this.#table)) {
      const [label] = labels;
      if (type !== "counter" || labels.length !== 1 || label === undefined) continue;
      for (const value of values[label] ?? []) this.#counters.get(name)?.inc({ [label]: value }, 0);
    }
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }

  /** The same as values: of histograms each bucket, sum and count. */
  async samples(): Promise<Sample[]> {
    const metrics = await this.registry.getMetricsAsJSON();
    return metrics.flatMap(({ name, values }) =>
      values.map((each) => ({
        name: "metricName" in each && typeof each.metricName === "string" ? each.metricName : name,
        labels: Object.fromEntries(
          Object.entries(each.labels).map(([label, value]) => [label, String(value)]),
        ),
        value: each.value,
      })),
    );
  }

  #register(name: string, row: MetricRow): void {
    const common = { name, help: row.help, labelNames: [...row.labels], registers: [this.registry] };
    switch (row.type) {
      case "gauge": {
        const gauge = new Gauge(common);
        this.#gauges.set(name, gauge);
        // The package starts it at 0, which nobody measured: what is not known is absent.
        if (row.labels.length === 0) gauge.remove();
        return;
      }
      case "counter":
        this.#counters.set(name, new Counter(common));
        return;
      case "histogram":
        this.#histograms.set(name, new Histogram({ ...common, buckets: [...(row.buckets ?? [])] }));
    }
  }
}

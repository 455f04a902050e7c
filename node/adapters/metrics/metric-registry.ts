import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { METRICS, type MetricName, type MetricRow } from "./metric-table.ts";

type NamesOf<Type extends MetricRow["type"]> = {
  [Name in MetricName]: (typeof METRICS)[Name]["type"] extends Type ? Name : never;
}[MetricName];

type Labels = Readonly<Record<string, string | number>>;

/** The metrics of the table, and those of the process, in Prometheus' text format. */
export class MetricRegistry {
  readonly #registry = new Registry();
  readonly #gauges = new Map<string, Gauge>();
  readonly #counters = new Map<string, Counter>();
  readonly #histograms = new Map<string, Histogram>();

  constructor(nodeName: string) {
    this.#registry.setDefaultLabels({ node: nodeName });
    for (const [name, row] of Object.entries<MetricRow>(METRICS)) this.#register(name, row);
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: 100 });
  }

  set(name: NamesOf<"gauge">, value: number, labels: Labels = {}): void {
    this.#gauges.get(name)?.set(labels, value);
  }

  add(name: NamesOf<"counter">, amount = 1, labels: Labels = {}): void {
    this.#counters.get(name)?.inc(labels, amount);
  }

  observe(name: NamesOf<"histogram">, value: number, labels: Labels = {}): void {
    this.#histograms.get(name)?.observe(labels, value);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  #register(name: string, row: MetricRow): void {
    const common = { name, help: row.help, labelNames: [...row.labels], registers: [this.#registry] };
    switch (row.type) {
      case "gauge":
        this.#gauges.set(name, new Gauge(common));
        return;
      case "counter":
        this.#counters.set(name, new Counter(common));
        return;
      case "histogram":
        this.#histograms.set(name, new Histogram({ ...common, buckets: [...(row.buckets ?? [])] }));
    }
  }
}

import { collectDefaultMetrics } from "prom-client";
import { METRICS } from "./metric-table.ts";
import { TableRegistry } from "./table-registry.ts";

/** The metrics of a node and those of its process; every series says whose it is. */
export class MetricRegistry extends TableRegistry<typeof METRICS> {
  constructor(nodeName: string) {
    super(METRICS, { node: nodeName });
    collectDefaultMetrics({ register: this.registry, eventLoopMonitoringPrecision: 100 });
  }
}

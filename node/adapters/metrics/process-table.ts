import type { MetricRow } from "./metric-table.ts";

/**
 * What prom-client collects of a process and the dashboards look at; it collects more. A test compares the table with what the package
 * really exports.
 */
export const PROCESS_METRICS = {
  process_cpu_seconds_total: {
    type: "counter",
    unit: "seconds",
    labels: [],
    help: "CPU time of all threads, user and system.",
  },
  process_resident_memory_bytes: {
    type: "gauge",
    unit: "bytes",
    labels: [],
    help: "Resident memory.",
  },
  process_start_time_seconds: {
    type: "gauge",
    unit: "seconds",
    labels: [],
    help: "When the process started, since 1970.",
  },
  nodejs_heap_size_used_bytes: {
    type: "gauge",
    unit: "bytes",
    labels: [],
    help: "JavaScript heap in use.",
  },
  nodejs_heap_size_total_bytes: {
    type: "gauge",
    unit: "bytes",
    labels: [],
    help: "JavaScript heap that was taken from the system.",
  },
  nodejs_external_memory_bytes: {
    type: "gauge",
    unit: "bytes",
    labels: [],
    help: "Memory of buffers, outside the heap.",
  },
} as const satisfies Readonly<Record<string, MetricRow>>;

/** Grafana's only data source here, as it is provisioned (`provisioning.ts`). */
export const DATA_SOURCE = { type: "prometheus", uid: "forklab-prometheus" } as const;

/** Between two looks of Prometheus at a node, seconds; `dashboards/prometheus/prometheus.yml` and the data source say the same. */
export const SCRAPE_INTERVAL_SEC = 2;

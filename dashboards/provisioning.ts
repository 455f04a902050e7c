import { stringify } from "yaml";
import { SCRAPE_INTERVAL_SEC } from "../runner/observe/prometheus-config.ts";
import { DATA_SOURCE } from "./data-source.ts";

/** Where the service grafana of compose.yaml finds the dashboards. */
export const DASHBOARDS_FOLDER = "/etc/grafana/dashboards";

/** Grafana's one data source: the Prometheus beside it. */
export function dataSourceFile(): string {
  return stringify({
    apiVersion: 1,
    prune: true,
    datasources: [
      {
        name: "Prometheus",
        ...DATA_SOURCE,
        access: "proxy",
        url: "http://prometheus:9090",
        isDefault: true,
        editable: false,
        // From this Grafana takes how long the range of a rate must be.
        jsonData: { timeInterval: `${SCRAPE_INTERVAL_SEC}s`, httpMethod: "POST" },
      },
    ],
  });
}

/** From where Grafana reads the dashboards; they are generated, so it lets nobody save them. */
export function dashboardProviderFile(): string {
  return stringify({
    apiVersion: 1,
    providers: [
      {
        name: "forklab",
        folder: "Forklab",
        type: "file",
        disableDeletion: true,
        allowUiUpdates: false,
        options: { path: DASHBOARDS_FOLDER },
      },
    ],
  });
}

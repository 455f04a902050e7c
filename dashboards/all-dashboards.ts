import type { Dashboard, Panel, RowPanel } from "@grafana/grafana-foundation-sdk/dashboard";
import { experimentDashboard } from "./experiment.ts";
import { networkDashboard } from "./network.ts";
import { nodeDashboard } from "./node.ts";
import { transactionsDashboard } from "./transactions.ts";

/** File name, without its ending, to what Grafana reads. */
export function allDashboards(): ReadonlyMap<string, Dashboard> {
  return new Map([
    ["network", networkDashboard()],
    ["transactions", transactionsDashboard()],
    ["node", nodeDashboard()],
    ["experiment", experimentDashboard()],
  ]);
}

/** Panels that show something, from the top; the headings of rows are left out. */
export function panelsOf(dashboard: Dashboard): readonly Panel[] {
  return (dashboard.panels ?? []).filter((panel): panel is Panel => !isRow(panel));
}

export function isRow(panel: Panel | RowPanel): panel is RowPanel {
  return panel.type === "row";
}

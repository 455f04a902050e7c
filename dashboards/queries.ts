import type { Dashboard, Panel } from "@grafana/grafana-foundation-sdk/dashboard";
import type { Dataquery } from "@grafana/grafana-foundation-sdk/prometheus";
import { invariant } from "../node/core/support/invariant.ts";
import { panelsOf } from "./all-dashboards.ts";

/** A query as Grafana will send it, and where it stands. */
export interface PlacedQuery {
  /** `network / Tips / A`, for messages. */
  readonly place: string;
  /** With Grafana's variables still in it. */
  readonly expr: string;
  readonly legend: string;
}

/** The values that Grafana gives to the variables of a query. */
export interface Variables {
  /** A regular expression of node names. */
  readonly node: string;
  readonly rateInterval: string;
}

export function queriesOf(name: string, dashboard: Dashboard): readonly PlacedQuery[] {
  const ofPanels = panelsOf(dashboard).flatMap((panel) =>
    promQueriesOf(panel).map(({ refId, expr, legendFormat = "" }) => ({
      place: `${name} / ${panel.title} / ${refId}`,
      expr,
      legend: legendFormat,
    })),
  );
  const marks = (dashboard.annotations.list ?? []).flatMap(({ name: mark, expr, titleFormat, textFormat }) =>
    expr === undefined
      ? []
      : [{ place: `${name} / ${mark}`, expr, legend: `${titleFormat ?? ""} ${textFormat ?? ""}` }],
  );
  return [...ofPanels, ...marks];
}

/** The queries of one panel; every panel here asks Prometheus. */
export function promQueriesOf(panel: Panel): readonly Dataquery[] {
  return (panel.targets ?? []).map((target) => {
    invariant(
      "expr" in target && typeof target.expr === "string",
      `${panel.title} asks something without PromQL`,
    );
    return target as Dataquery;
  });
}

/** The query with Grafana's variables filled in. */
export function filledIn(expr: string, { node, rateInterval }: Variables): string {
  return expr.replaceAll("$__rate_interval", rateInterval).replaceAll("$node", node);
}

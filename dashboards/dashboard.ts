import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  type Panel,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DATA_SOURCE } from "./data-source.ts";
import type { AnyMetric, TargetLabel } from "./metrics.ts";
import { observedRun, ownRun } from "./promql.ts";

export interface DashboardSpec {
  /** Ends its file name and its address. */
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** How nodes are chosen: any number of them, one, or not at all. */
  readonly nodes: "many" | "one" | "none";
  /** Panels under their headings; those of a row fill 24 columns, again and again. */
  readonly rows: readonly { readonly title: string; readonly panels: readonly Builder<Panel>[] }[];
}

const TAG = "forklab";

/** The variable asks for nodes by the name that each gives itself. */
const NODE_NAMES = `label_values(${"forklab_node_info" satisfies AnyMetric}, ${"node" satisfies TargetLabel})`;

/** One of the dashboards: they share their look, the links to one another, and the marks of faults. */
export function makeDashboard(spec: DashboardSpec): Dashboard {
  const dashboard = new DashboardBuilder(`Forklab: ${spec.title}`)
    .uid(`forklab-${spec.id}`)
    .description(spec.description)
    .tags([TAG])
    .readonly()
    .time({ from: "now-15m", to: "now" })
    .refresh("5s")
    .timezone("browser")
    .tooltip(DashboardCursorSync.Crosshair)
    .link(toOthers())
    .annotation(faultMarks(spec.nodes === "none" ? observedRun : ownRun));
  if (spec.nodes !== "none") dashboard.withVariable(nodeVariable(spec.nodes === "many"));
  for (const { title, panels } of spec.rows) {
    dashboard.withRow(new RowBuilder(title));
    for (const panel of panels) dashboard.withPanel(panel);
  }
  const built = dashboard.build();
  // Links to a panel name it by its id, so it must stay what it is when panels are added below it.
  for (const [index, panel] of (built.panels ?? []).entries()) panel.id = index + 1;
  return built;
}

function nodeVariable(isMany: boolean): QueryVariableBuilder {
  const variable = new QueryVariableBuilder("node")
    .label(isMany ? "Nodes" : "Node")
    .description(isMany ? "Nodes that all panels are about." : "The node that all panels are about.")
    .datasource(DATA_SOURCE)
    .query({ qryType: 1, query: NODE_NAMES, refId: "node" })
    .definition(NODE_NAMES)
    // Nodes come and go while one looks.
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.NaturalAsc)
    .multi(isMany)
    .includeAll(isMany);
  return isMany
    ? variable.allValue(".+").current({ selected: true, text: "All", value: "$__all" })
    : variable;
}

function toOthers(): DashboardLinkBuilder {
  return new DashboardLinkBuilder("Forklab")
    .type(DashboardLinkType.Dashboards)
    .tags([TAG])
    .asDropdown(false)
    .keepTime(true)
    .includeVars(false)
    .tooltip("The other dashboards, for the same time");
}

/** A line at the moment of each fault of an observed run; none where no run is observed. */
function faultMarks(run: typeof observedRun): AnnotationQueryBuilder {
  return (
    new AnnotationQueryBuilder()
      .name("Faults")
      .datasource(DATA_SOURCE)
      .enable(true)
      .iconColor("red")
      // The value is the time of the fault, in the milliseconds that Grafana counts in.
      .expr(`${run.series("forklab_run_fault_time_seconds")} * 1000`)
      .useValueForTime(true)
      .titleFormat("{{word}}")
      .textFormat("{{description}}")
      .tagKeys("word")
  );
}

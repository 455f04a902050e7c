import type { SyntaxNode } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";
import type { MetricRow } from "../node/adapters/metrics/metric-table.ts";
import { ALL_METRICS, TARGET_LABELS } from "./metrics.ts";

/** Labels of every metric that may be named: those of the tables, and what rules record (which have none but a target's). */
export type KnownMetrics = ReadonlyMap<string, readonly string[]>;

/** The tables as Prometheus sees them: a histogram is three metrics. */
export function knownMetrics(recorded: readonly string[]): KnownMetrics {
  const known = new Map<string, readonly string[]>();
  for (const [name, { type, labels }] of Object.entries<MetricRow>(ALL_METRICS)) {
    const all = [...labels, ...TARGET_LABELS];
    if (type !== "histogram") known.set(name, all);
    else {
      known.set(`${name}_bucket`, [...all, "le"]);
      for (const suffix of ["sum", "count"]) known.set(`${name}_${suffix}`, all);
    }
  }
  for (const name of recorded) known.set(name, []);
  return known;
}

/** A query of a panel, of a variable's value or of a rule, and the labels that its legend names. */
export interface CheckedQuery {
  readonly expr: string;
  readonly legend: string;
}

/**
 * What is wrong with a query, in sentences; empty when it can be parsed, and names only metrics and labels that there are. Grafana's variables
 * must be filled in before.
 */
export function checkQuery({ expr, legend }: CheckedQuery, known: KnownMetrics): string[] {
  const faults: string[] = [];
  const usable = new Set<string>();
  const grouped = new Set<string>();
  const textOf = (node: SyntaxNode) => expr.slice(node.from, node.to);
  parser.parse(expr).iterate({
    enter: ({ node }) => {
      if (node.type.isError) faults.push(`cannot be parsed at ${node.from}: ${expr}`);
      if (node.name === "VectorSelector") {
        const identifier = node.getChild("Identifier");
        const name = identifier === null ? "" : textOf(identifier);
        const labels = known.get(name);
        if (labels === undefined) faults.push(`no table has the metric ${name || textOf(node)}`);
        for (const label of labels ?? []) usable.add(label);
        for (const matched of labelsMatched(node, textOf))
          if (labels !== undefined && !labels.includes(matched))
            faults.push(`${name} has no label ${matched}`);
      }
      if (node.name === "GroupingLabels")
        for (const label of node.getChildren("LabelName")) grouped.add(textOf(label));
      for (const made of labelsMade(node, textOf)) usable.add(made);
    },
  });
  for (const label of grouped) if (!usable.has(label)) faults.push(`nothing here has the label ${label}`);
  for (const [, label = ""] of legend.matchAll(/\{\{(\w+)\}\}/g))
    if (!usable.has(label)) faults.push(`the legend names the label ${label}, which nothing here has`);
  return faults;
}

function labelsMatched(selector: SyntaxNode, textOf: (node: SyntaxNode) => string): string[] {
  const matchers = selector.getChild("LabelMatchers")?.getChildren("UnquotedLabelMatcher") ?? [];
  return matchers.flatMap((matcher) => matcher.getChildren("LabelName").map(textOf));
}

/** `count_values("tip", ...)` and `label_replace(v, "phase", ...)` make labels of their own: the first text in their arguments. */
function labelsMade(node: SyntaxNode, textOf: (node: SyntaxNode) => string): string[] {
  const isMaker =
    (node.name === "AggregateExpr" && node.firstChild?.firstChild?.name === "CountValues") ||
    (node.name === "FunctionCall" && node.firstChild?.firstChild?.name === "LabelReplace");
  if (!isMaker) return [];
  const literal = node.getChild("FunctionCallBody")?.getChild("StringLiteral");
  return literal == null ? [] : [textOf(literal).slice(1, -1)];
}

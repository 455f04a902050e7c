import { PanelBuilder as BarGaugeBuilder } from "@grafana/grafana-foundation-sdk/bargauge";
import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  AxisPlacement,
  BarGaugeDisplayMode,
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  GraphDrawStyle,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import {
  FieldColorBuilder,
  FieldColorModeId,
  MappingType,
  type Panel,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from "@grafana/grafana-foundation-sdk/dashboard";
import {
  PanelBuilder as HeatmapBuilder,
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  YAxisConfigBuilder,
} from "@grafana/grafana-foundation-sdk/heatmap";
import { DataqueryBuilder, PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as StateTimelineBuilder } from "@grafana/grafana-foundation-sdk/statetimeline";
import { PanelBuilder as TimeSeriesBuilder } from "@grafana/grafana-foundation-sdk/timeseries";
import { DATA_SOURCE } from "./data-source.ts";

/** One line, or one set of lines, of a panel. */
export interface Query {
  readonly expr: string;
  /** As Grafana's legend has it: `{{label}}` stands for a label's value. */
  readonly legend: string;
}

/** What every panel says of itself. `width` is of 24 columns. */
export interface PanelSpec {
  readonly title: string;
  /** What it shows, and what to make of it. */
  readonly description: string;
  /** Grafana's id of a unit; see `units.ts`. */
  readonly unit: string;
  readonly width: number;
  readonly queries: readonly [Query, ...Query[]];
  /** From which value on a panel warns and alarms, in its unit; falling if `alarm` is the lower one. */
  readonly thresholds?: { readonly warn: number; readonly alarm: number };
  readonly decimals?: number;
  readonly max?: number;
}

export const TALL = 8;
const SHORT = 4;

const GOOD = "green";
const WARN = "orange";
const ALARM = "red";

/** Lines over time. */
export function lines(spec: PanelSpec & { readonly height?: number }): Builder<Panel> {
  return timeSeries(spec)
    .lineWidth(1.5)
    .fillOpacity(spec.queries.length === 1 ? 8 : 0);
}

/** Bars over time, stacked. */
export function bars(spec: PanelSpec): Builder<Panel> {
  return timeSeries(spec)
    .drawStyle(GraphDrawStyle.Bars)
    .fillOpacity(80)
    .lineWidth(0)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal));
}

/** The value now, large. With `named` it is the text of the legend instead. */
export function stat(spec: PanelSpec & { readonly named?: boolean }): Builder<Panel> {
  const panel = new StatBuilder()
    .height(SHORT)
    .textMode(spec.named === true ? BigValueTextMode.Name : BigValueTextMode.Auto)
    .graphMode(spec.named === true ? BigValueGraphMode.None : BigValueGraphMode.Area)
    .colorMode(spec.thresholds === undefined ? BigValueColorMode.None : BigValueColorMode.Value)
    .reduceOptions(lastValue());
  return described(panel, spec, spec.named === true ? { instant: true } : {});
}

/** A bar for each series, as it stands now. */
export function barGauge(spec: PanelSpec): Builder<Panel> {
  const panel = new BarGaugeBuilder()
    .height(TALL)
    .displayMode(BarGaugeDisplayMode.Basic)
    .orientation(VizOrientation.Horizontal)
    .min(0)
    .reduceOptions(lastValue());
  return described(panel, spec, { instant: true });
}

/** A row for each series, with a bar while it is at 1. */
export function stateTimeline(spec: PanelSpec & { readonly height: number }): Builder<Panel> {
  const panel = new StateTimelineBuilder()
    .height(spec.height)
    .mergeValues(true)
    .showValue(VisibilityMode.Never)
    .rowHeight(0.7)
    .fillOpacity(80)
    .legend(new VizLegendOptionsBuilder().showLegend(false))
    .mappings([
      {
        type: MappingType.ValueToText,
        options: { "0": { text: "no", color: "transparent" }, "1": { text: "yes", color: "blue" } },
      },
    ]);
  return described(panel, spec, {});
}

/** How a distribution moves over time, from the buckets of a histogram. */
export function heatmap(spec: PanelSpec): Builder<Panel> {
  const panel = new HeatmapBuilder()
    .height(TALL)
    .calculate(false)
    .color(new HeatmapColorOptionsBuilder().mode(HeatmapColorMode.Scheme).scheme("Blues").steps(64))
    .yAxis(new YAxisConfigBuilder().unit(spec.unit).axisPlacement(AxisPlacement.Left))
    .cellGap(1)
    .showLegend();
  return described(panel, spec, { format: PromQueryFormat.Heatmap });
}

function timeSeries(spec: PanelSpec & { readonly height?: number }): TimeSeriesBuilder {
  const panel = new TimeSeriesBuilder()
    .height(spec.height ?? TALL)
    .min(0)
    .showPoints(VisibilityMode.Never)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs([]),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  if (spec.thresholds !== undefined)
    panel.thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
  return described(panel, spec, {});
}

type AnyPanelBuilder =
  | TimeSeriesBuilder
  | StatBuilder
  | BarGaugeBuilder
  | StateTimelineBuilder
  | HeatmapBuilder;

interface QueryStyle {
  readonly instant?: true;
  readonly format?: PromQueryFormat;
}

function described<B extends AnyPanelBuilder>(panel: B, spec: PanelSpec, style: QueryStyle): B {
  panel.title(spec.title).description(spec.description).unit(spec.unit).span(spec.width);
  panel.datasource(DATA_SOURCE).thresholds(thresholdsOf(spec.thresholds));
  panel.colorScheme(
    new FieldColorBuilder().mode(
      panel instanceof StatBuilder ? FieldColorModeId.Thresholds : FieldColorModeId.PaletteClassic,
    ),
  );
  if (spec.decimals !== undefined) panel.decimals(spec.decimals);
  if (spec.max !== undefined) panel.max(spec.max);
  for (const [index, query] of spec.queries.entries()) panel.withTarget(target(query, index, style));
  return panel;
}

function target({ expr, legend }: Query, index: number, { instant, format }: QueryStyle): DataqueryBuilder {
  const query = new DataqueryBuilder()
    .refId(String.fromCharCode("A".charCodeAt(0) + index))
    .datasource(DATA_SOURCE)
    .expr(expr)
    .legendFormat(legend);
  if (format !== undefined) query.format(format);
  return instant === true ? query.instant() : query.range();
}

function thresholdsOf(bounds: PanelSpec["thresholds"]): ThresholdsConfigBuilder {
  const config = new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute);
  if (bounds === undefined) return config.steps([{ value: null, color: GOOD }]);
  const { warn, alarm } = bounds;
  const [low, high] = [
    { value: Math.min(warn, alarm), color: WARN },
    { value: Math.max(warn, alarm), color: warn < alarm ? ALARM : GOOD },
  ];
  return config.steps([{ value: null, color: warn < alarm ? GOOD : ALARM }, low, high]);
}

function lastValue(): ReduceDataOptionsBuilder {
  return new ReduceDataOptionsBuilder().calcs(["lastNotNull"]).values(false).fields("");
}

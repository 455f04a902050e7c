import type { Dashboard, GridPos } from "@grafana/grafana-foundation-sdk/dashboard";
import { isRow } from "../all-dashboards.ts";
import { drawBarGauge } from "./draw-bar-gauge.ts";
import { drawHeatmap } from "./draw-heatmap.ts";
import { drawStat } from "./draw-stat.ts";
import { drawStateTimeline } from "./draw-state-timeline.ts";
import { drawTimeSeries } from "./draw-time-series.ts";
import type { FilledPanel, Mark } from "./read-panels.ts";
import { fitted, px, rect, STYLE, text } from "./svg.ts";

/** Where the inside of a panel may be drawn, and over which time. */
export interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly fromSec: number;
  readonly toSec: number;
  readonly marks: readonly Mark[];
}

export interface DashboardPicture {
  readonly dashboard: Dashboard;
  readonly panels: readonly FilledPanel[];
  readonly marks: readonly Mark[];
  readonly fromSec: number;
  readonly toSec: number;
  /** Behind the title: which run, which node. */
  readonly subtitle: string;
}

const COLUMN_PX = 50;
/** Grafana's row of the grid is as high, with the gap to the next. */
const UNIT_PX = 30;
const GAP_PX = 8;
const MARGIN_PX = 12;
const HEAD_PX = 44;
const TITLE_PX = 24;

/** A dashboard as an SVG: its panels where Grafana's grid has them, with what Prometheus had for them. */
export function drawDashboard({
  dashboard,
  panels,
  marks,
  fromSec,
  toSec,
  subtitle,
}: DashboardPicture): string {
  const all = dashboard.panels ?? [];
  const rows = Math.max(...all.map(({ gridPos }) => (gridPos?.y ?? 0) + (gridPos?.h ?? 0)));
  const width = 24 * COLUMN_PX + 2 * MARGIN_PX;
  const height = HEAD_PX + rows * UNIT_PX + MARGIN_PX;
  const title = dashboard.title ?? "";
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${title}</title>`,
    `<style>${STYLE}\n</style>`,
    rect(0, 0, width, height, { class: "page" }),
    text(MARGIN_PX, 29, title, { class: "head" }),
    text(width - MARGIN_PX - GAP_PX, 29, subtitle, { "text-anchor": "end" }),
    ...all.filter(isRow).map(({ title: heading = "", gridPos }) => drawHeading(heading, gridPos)),
    ...panels.flatMap((filled) => drawPanel(filled, { fromSec, toSec, marks })),
    "</svg>",
    "",
  ].join("\n");
}

function drawHeading(heading: string, gridPos: GridPos | undefined): string {
  return text(MARGIN_PX + 2, HEAD_PX + (gridPos?.y ?? 0) * UNIT_PX + 19, heading, { class: "row" });
}

function drawPanel(filled: FilledPanel, time: Pick<Frame, "fromSec" | "toSec" | "marks">): string[] {
  const { x, y, w, h } = filled.panel.gridPos ?? { x: 0, y: 0, w: 0, h: 0 };
  const left = MARGIN_PX + x * COLUMN_PX;
  const top = HEAD_PX + y * UNIT_PX;
  const width = w * COLUMN_PX - GAP_PX;
  const height = h * UNIT_PX - GAP_PX;
  const frame: Frame = {
    left: left + 10,
    right: left + width - 10,
    top: top + TITLE_PX + 6,
    bottom: top + height - 8,
    ...time,
  };
  return [
    rect(left, top, width, height, { class: "panel", rx: 3 }),
    text(left + 10, top + 17, fitted(filled.panel.title ?? "", width - 20, 12), { class: "title" }),
    ...drawInside(filled, frame),
  ];
}

function drawInside(filled: FilledPanel, frame: Frame): string[] {
  if (filled.series.length === 0)
    return [
      text(px((frame.left + frame.right) / 2), (frame.top + frame.bottom) / 2, "no data", {
        "text-anchor": "middle",
      }),
    ];
  switch (filled.panel.type) {
    case "stat":
      return drawStat(filled, frame);
    case "bargauge":
      return drawBarGauge(filled, frame);
    case "heatmap":
      return drawHeatmap(filled, frame);
    case "state-timeline":
      return drawStateTimeline(filled, frame);
    default:
      return drawTimeSeries(filled, frame);
  }
}

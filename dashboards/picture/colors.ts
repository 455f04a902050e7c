import type { Panel } from "@grafana/grafana-foundation-sdk/dashboard";

/** Told apart on white, also by most who see few colours; the order is that of the series. */
const SERIES_COLORS = [
  "#0969da",
  "#bc4c00",
  "#1a7f37",
  "#8250df",
  "#bf8700",
  "#cf222e",
  "#0e7c86",
  "#bf3989",
  "#57606a",
  "#7d4e00",
] as const;

/** Grafana's names of the colours of thresholds, dark enough for white. */
const NAMED_COLORS: Readonly<Record<string, string>> = {
  green: "#1a7f37",
  orange: "#bc4c00",
  red: "#cf222e",
};

const INK = "#1f2328";

export function seriesColor(index: number): string {
  return SERIES_COLORS[index % SERIES_COLORS.length] ?? INK;
}

export function namedColor(name: string): string {
  return NAMED_COLORS[name] ?? INK;
}

/** Of the highest step that the value reaches; ink where a panel has no bounds. */
export function thresholdColor(panel: Panel, value: number): string {
  const steps = panel.fieldConfig?.defaults.thresholds?.steps ?? [];
  if (steps.length < 2 || !Number.isFinite(value)) return INK;
  const reached = steps.filter((step) => step.value === null || step.value <= value).at(-1);
  return namedColor(reached?.color ?? "");
}

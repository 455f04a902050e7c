/** Depths of reorganisations as labels: few, whatever happens, because each makes a time series. */
export const DEPTH_LABELS = ["1", "2", "3", "4-6", "7-12", "13+"] as const;

export type DepthLabel = (typeof DEPTH_LABELS)[number];

/** The label of a depth of 1 or more. */
export function depthLabel(depth: number): DepthLabel {
  if (depth <= 1) return "1";
  if (depth === 2) return "2";
  if (depth === 3) return "3";
  if (depth <= 6) return "4-6";
  return depth <= 12 ? "7-12" : "13+";
}

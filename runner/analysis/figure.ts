import type { Analysis } from "./analyse.ts";

/** `us`: whole microseconds, shown as ms. `ratio`: 0 to 1. `count`: whole. `number`: any other, with its unit. */
export type FigureKind = "us" | "ratio" | "count" | "number";

/** One number that stands for a whole run: a column of summary.csv, and where it has a name, something to expect. */
export interface Figure {
  /** Column of summary.csv. */
  readonly column: string;
  readonly kind: FigureKind;
  readonly unit: string | null;
  /** One full sentence. */
  readonly meaning: string;
  /** Null: not measured. */
  readonly value: (analysis: Analysis) => number | null;
  /** Name under `expect:`; null if it cannot be bounded there. */
  readonly expectation: string | null;
  /** Where an empty figure is known to be larger than something, that; null if nothing is known. */
  readonly above: (analysis: Analysis) => number | null;
}

/** Shortest last: most figures are only a column. */
export function figure(
  column: string,
  kind: FigureKind,
  unit: string | null,
  meaning: string,
  value: Figure["value"],
  expectation: string | null = null,
  above: Figure["above"] = () => null,
): Figure {
  return { column, kind, unit, meaning, value, expectation, above };
}

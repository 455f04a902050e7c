import { MEASURES, type Measure } from "./measures.ts";
import type { RunSample } from "./run-sample.ts";

/** How often two runs that differ in nothing but chance may be called different by all measures together. */
export const FALSE_ALARM_RATIO = 0.05;

/** `unknown`: one of the runs has nothing to compare, or so have too few simulated ones. */
export type Agreement = "agree" | "differ" | "unknown";

export interface Compared {
  readonly measure: Measure;
  /** Between the two runs; null when either has nothing to say. */
  readonly distance: number | null;
  /** Nine pairs of ten (`likely`), and all but the false alarms (`limit`), are no further apart by chance; null when chance cannot be told. */
  readonly chance: { readonly likely: number; readonly limit: number } | null;
  readonly agreement: Agreement;
}

/**
 * Judges how far two runs are apart by how far runs of one scenario are apart that differ in their seed alone. Blocks of one run depend on each
 * other (a partition makes whole branches stale, a wave of one block reaches all nodes), so tests that take them as independent would call
 * nearly any two runs different; pairs of whole runs carry all of that in them. `rehearsed` are such runs; every pair of them is used. Each of
 * the measures may raise a false alarm, so each has its share of `FALSE_ALARM_RATIO` (Bonferroni).
 */
export function compareRuns(a: RunSample, b: RunSample, rehearsed: readonly RunSample[]): Compared[] {
  return MEASURES.map((measure) => {
    const distance = measure.distance(a, b);
    const byChance = pairsOf(rehearsed)
      .flatMap(([one, other]) => measure.distance(one, other) ?? [])
      .sort((x, y) => x - y);
    const likely = orderStatistic(byChance, 0.9);
    const limit = orderStatistic(byChance, 1 - FALSE_ALARM_RATIO / MEASURES.length);
    const chance = likely === null || limit === null ? null : { likely, limit };
    return { measure, distance, chance, agreement: agreementOf(distance, limit) };
  });
}

/** Of all measures together: different if any is. */
export function overall(compared: readonly Compared[]): Agreement {
  const found = compared.map(({ agreement }) => agreement);
  if (found.includes("differ")) return "differ";
  return found.includes("agree") ? "agree" : "unknown";
}

function agreementOf(distance: number | null, limit: number | null): Agreement {
  if (distance === null || limit === null) return "unknown";
  return distance <= limit ? "agree" : "differ";
}

/** The least value that is not below a share of them; null when there are too few for anything to lie above it. */
function orderStatistic(sorted: readonly number[], share: number): number | null {
  const rank = Math.ceil(share * (sorted.length + 1));
  return sorted[rank - 1] ?? null;
}

function pairsOf<T>(items: readonly T[]): (readonly [T, T])[] {
  return items.flatMap((one, index) => items.slice(index + 1).map((other) => [one, other] as const));
}

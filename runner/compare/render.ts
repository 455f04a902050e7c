import Table from "cli-table3";
import { ABSENT } from "../analysis/figure-text.ts";
import { type Agreement, type Compared, FALSE_ALARM_RATIO } from "./compare-runs.ts";
import type { ComparedRun } from "./read-compared.ts";

const WORDS: Record<Agreement, string> = { agree: "agree", differ: "DIFFER", unknown: "unknown" };

/** The comparison for people: the two runs, a line for each measure, and what it comes to. */
export function renderComparison(
  [a, b]: readonly [ComparedRun, ComparedRun],
  compared: readonly Compared[],
  outcome: Agreement,
  rehearsedCount: number,
): string {
  const table = new Table({
    head: ["", "A", "B", "apart", "by chance, 90 %", "limit", ""],
    style: { head: [], border: [], compact: true },
  });
  for (const { measure, distance, chance, agreement } of compared) {
    const text = (value: number | null | undefined) => (value == null ? ABSENT : measure.distanceText(value));
    const values = [measure.valueText(a.sample), measure.valueText(b.sample)];
    table.push([
      ...[measure.name, ...values, text(distance), text(chance?.likely), text(chance?.limit)],
      WORDS[agreement],
    ]);
  }
  return [
    `A  ${a.title}: ${a.verdict}  ${a.folder}`,
    `B  ${b.title}: ${b.verdict}  ${b.folder}`,
    scenarioLine(a, b),
    "",
    table.toString(),
    "Times are medians and 90 %. KS is the largest gap between the two distributions, 0 to 1.",
    "",
    verdictLine(outcome, rehearsedCount),
  ].join("\n");
}

function verdictLine(outcome: Agreement, rehearsedCount: number): string {
  const chance = `two runs of A's scenario with other seeds (${rehearsedCount} simulated; false alarms ${FALSE_ALARM_RATIO * 100} %)`;
  if (outcome === "agree") return `Verdict: agree. On no measure are they further apart than ${chance}.`;
  if (outcome === "differ") return `Verdict: DIFFER. They are further apart than ${chance}.`;
  return "Verdict: unknown. There is too little to compare, or one of the runs is not to be trusted.";
}

function scenarioLine(a: ComparedRun, b: ComparedRun): string {
  const keys = differingKeys(a.scenario, b.scenario).filter((key) => key !== "seed" && key !== "name");
  return keys.length === 0
    ? "   Both of the same scenario."
    : `   Their scenarios differ in ${keys.join(", ")}.`;
}

/** Paths, such as `network.latency.median`, at which two documents have different values. */
export function differingKeys(a: unknown, b: unknown, path = ""): string[] {
  if (!isMapping(a) || !isMapping(b)) return JSON.stringify(a) === JSON.stringify(b) ? [] : [path];
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].flatMap((key) => differingKeys(a[key], b[key], path === "" ? key : `${path}.${key}`));
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { analyse } from "../analysis/analyse.ts";
import { judge } from "../check/judge.ts";
import type { Expectation } from "../plan.ts";
import { aJournal, aPlan, type JournalBuilder } from "../record/a-journal.ts";
import { renderSummary } from "./summary-table.ts";

const FOLDER = "results/example/20260314-092653-seed-1";

function summaryOf(run: JournalBuilder, options = {}, ...expectations: Expectation[]) {
  const plan = aPlan({
    expectations,
    timeline: [{ index: 0, atUs: 1_000_000, description: "heal: all", fault: { word: "heal", links: null } }],
  });
  const events = run.build();
  const analysis = analyse(plan, events);
  const verdict = judge(plan, analysis, { isLive: false, interrupted: false, nodeEnds: null });
  return renderSummary(
    { plan, backend: "sim", events, analysis, verdict },
    { folder: FOLDER, eventLogSha256: "0123456789abcdef".repeat(4) },
    options,
  );
}

const healed = () =>
  aJournal()
    .submit(0, 5, "t1")
    .mine(0, 10, "a", "00", { transactionIds: ["t1"] })
    .mine(1, 11, "x")
    .fault(1_000, "heal")
    .mine(0, 1_200, "b", "a")
    .adopt(1, 1_240.5, "b");

const line = (text: string, label: string) =>
  text
    .split("\n")
    .find((each) => each.trim().startsWith(label))
    ?.trim();

test("the table tells the figures of the run, and where its files are", () => {
  const text = summaryOf(healed());
  expect(line(text, "Blocks")).toBe("Blocks            3 mined, final chain of 2");
  expect(line(text, "Stale rate")).toMatch(/50 % {2}\(9.45 % to 90.55 %; 1 of 2 blocks\)$/);
  expect(line(text, "Reorganisations")).toMatch(/1 at all nodes, the deepest 1 block$/);
  expect(line(text, "Converged")).toMatch(/241 ms after heal at 1 s$/);
  expect(line(text, "Confirmation")).toMatch(/5 ms \/ 5 ms \/ 5 ms {2}\(50 \/ 90 \/ 99 %; 1 confirmed\)$/);
  expect(line(text, "Transactions")).toMatch(/1 submitted: 1 confirmed, 0 censored, 0 refused$/);
  expect(line(text, "Verdict")).toMatch(/valid$/);
  expect(line(text, "Results")).toContain(FOLDER);
});

test("what was not measured is a dash, never 0", () => {
  const text = summaryOf(aJournal().fault(1_000, "heal"));
  for (const label of [
    "Forks",
    "Reorganisations",
    "Propagation",
    "Confirmation",
    "Transactions",
    "Hash rate",
    "Transaction rate",
  ])
    expect(line(text, label), label).toMatch(/ –$/);
  expect(line(text, "Stale rate")).toMatch(/– {2}no block in the measured window$/);
});

test("an expectation reads aloud: who, which observable, which bound, what was observed", () => {
  const text = summaryOf(healed(), {}, { name: "reorgDepth", min: null, max: 0 });
  expect(line(text, "NOT MET")).toBe("NOT MET         every node: deepest reorganisation at most 0 blocks;");
  expect(text).toContain("observed 1 block");
  expect(line(text, "Verdict")).toMatch(/invalid$/);
});

test("a run that is not to be trusted says so, and why", () => {
  const text = summaryOf(healed().change(1, 5_000, "crashed"));
  expect(text).toContain("this run is not to be trusted");
  expect(line(text, "nodes-alive")).toContain("node 1 crashed at 5 s");
});

test("no line is wider than the terminal, and there is no colour unless asked for", () => {
  const long = { name: "converged", withinUs: 1 } as const;
  const run = healed()
    .change(1, 5_000, "crashed")
    .change(0, 6_000, "crashed")
    .receive(1, 7_000, "never-mined");
  for (const columns of [60, 80]) {
    const plain = summaryOf(run, { columns }, long);
    for (const each of plain.split("\n")) expect(each.length).toBeLessThanOrEqual(columns);
    expect(stripVTControlCharacters(plain)).toBe(plain);
    const colored = summaryOf(run, { columns, color: true }, long);
    expect(colored).not.toBe(plain);
    expect(stripVTControlCharacters(colored)).toBe(plain);
  }
});

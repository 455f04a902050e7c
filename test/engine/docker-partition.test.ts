import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { expect, test } from "vitest";
import * as z from "zod";
import { analysePlan } from "../../runner/analyse-plan.ts";
import { FIGURES } from "../../runner/analysis/figures.ts";
import { parseScenario } from "../../runner/scenario/load.ts";
import { planRun } from "../../runner/scenario/plan-run.ts";
import { HEAD } from "../support/real-runs.ts";
import { anEngine, dockerRuns, ON_DOCKER, thingsOf } from "./docker-runs.ts";
import { engineSuite } from "./need-engine.ts";

/** Checks of trust that a machine which is busy with something else fails. */
const OF_THE_MACHINE = new Set([
  "event-loop",
  "hash-rate",
  "load-on-time",
  "load-complete",
  "faults-on-time",
]);

const verdictSchema = z.object({
  expectations: z.array(z.object({ name: z.string(), finding: z.string() })),
  trust: z.array(z.object({ check: z.string(), finding: z.string(), evidence: z.string() })),
});

const SHAPE = "duration: 24s\nnodes: { count: 4, hashRate: 2kH/s }\n";

/** Long enough for the links across the cut to break: then the nodes have to find each other again. */
const TEXT = `${SHAPE}timeline:
  - { at: 1s, partition: [[0, 1], [2, 3]] }
  - { at: 14s, heal: all }
expect: { converged: { within: 10s }, reorgDepth: { min: 1 } }
`;

/** What a busy machine does not change: blocks are drawn, and their times are seconds apart. */
const FIGURES_COMPARED = ["blocks_mined", "final_height", "stale_ratio", "reorg_depth_max"];

/** One more run of an exact simulator lies outside of all of them in two cases of a hundred, for each figure. */
const SIMULATED_RUNS = 99;

engineSuite("a partition in containers", () => {
  const runs = dockerRuns();

  test("leaves the same kinds of files and the same verdict as with processes, and figures as simulated runs have them", async () => {
    const inContainers = runs.start(await runs.scenario("contained", TEXT), ON_DOCKER);
    const inProcesses = runs.start(await runs.scenario("plain", TEXT));
    const ranges = await simulatedRanges("contained", TEXT);
    await Promise.all([inContainers.status, inProcesses.status]);
    expect(inContainers.said.stdout).toContain("in containers on this machine");
    expect(await thingsOf(await anEngine(), inContainers.child.pid)).toEqual([]);
    const [contained, plain] = await Promise.all(["contained", "plain"].map(foundIn));
    expect(contained, inContainers.said.stderr).toEqual(plain);
    expect(contained?.expectations).toEqual([
      ["converged", "true"],
      ["reorgDepth", "true"],
    ]);
    const [row]: Record<string, string>[] = parse(await runs.readLatest("contained", "summary.csv"), {
      columns: true,
    });
    const figures = new Map(FIGURES_COMPARED.map((column) => [column, Number(row?.[column])]));
    expect(outside(figures, ranges)).toEqual([]);
    // Had the network not been cut, it would show.
    const [uncut] = await simulated("uncut", SHAPE, 1);
    expect(outside(uncut ?? new Map(), ranges)).toEqual(["stale_ratio", "reorg_depth_max"]);
  }, 118_000);

  async function foundIn(name: string) {
    const verdict = verdictSchema.parse(JSON.parse(await runs.readLatest(name, "verdict.json")));
    const faults: Record<string, string>[] = parse(await runs.readLatest(name, "faults.csv"), {
      columns: true,
    });
    return {
      files: (await readdir(join(runs.folder, "results", name, "latest"))).toSorted(),
      logs: (await readdir(join(runs.folder, "results", name, "latest", "logs"))).toSorted(),
      expectations: verdict.expectations.map((each) => [each.name, each.finding]),
      faults: faults.map(({ word, probed }) => [word, probed]),
      doubts: verdict.trust.filter(({ check, finding }) => finding === "false" && !OF_THE_MACHINE.has(check)),
    };
  }
});

type FigureValues = ReadonlyMap<string, number>;

/** Figures of so many seeds in virtual time. */
async function simulated(name: string, text: string, count: number): Promise<FigureValues[]> {
  const rows: FigureValues[] = [];
  const figures = FIGURES.filter(({ column }) => FIGURES_COMPARED.includes(column));
  for (let seed = 1; seed <= count; seed++) {
    const scenario = parseScenario(`name: ${name}\n${HEAD}${text}`, `${name}.yaml`, { seed: String(seed) });
    const { analysis } = await analysePlan(planRun(scenario), "sim");
    rows.push(new Map(figures.map(({ column, value }) => [column, value(analysis) ?? Number.NaN])));
  }
  return rows;
}

async function simulatedRanges(name: string, text: string) {
  const rows = await simulated(name, text, SIMULATED_RUNS);
  return FIGURES_COMPARED.map((column) => {
    const values = rows.map((row) => row.get(column) ?? Number.NaN);
    return { column, low: Math.min(...values), high: Math.max(...values) };
  });
}

function outside(figures: FigureValues, ranges: Awaited<ReturnType<typeof simulatedRanges>>): string[] {
  return ranges
    .filter(({ column, low, high }) => {
      const value = figures.get(column) ?? Number.NaN;
      return !(value >= low && value <= high);
    })
    .map(({ column }) => column);
}

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { expect, test } from "vitest";
import * as z from "zod";
import { realRuns } from "../support/real-runs.ts";
import { anEngine, ON_DOCKER, thingsOf } from "./docker-runs.ts";
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

/** Long enough for the links across the cut to break: then the nodes have to find each other again. */
const TEXT = `duration: 28s
nodes: { count: 4, hashRate: 2kH/s }
timeline:
  - { at: 1s, partition: [[0, 1], [2, 3]] }
  - { at: 14s, heal: all }
expect: { converged: { within: 10s }, reorgDepth: { min: 1 } }
`;

engineSuite("a partition in containers", () => {
  const runs = realRuns();

  test("leaves the same kinds of files and the same verdict as with processes", async () => {
    const inContainers = runs.start(await runs.scenario("contained", TEXT), ON_DOCKER);
    await inContainers.status;
    expect(inContainers.said.stdout).toContain("in containers on this machine");
    await runs.start(await runs.scenario("plain", TEXT)).status;
    expect(await thingsOf(await anEngine(), inContainers.child.pid)).toEqual([]);
    const [contained, plain] = await Promise.all(["contained", "plain"].map(foundIn));
    expect(contained, inContainers.said.stderr).toEqual(plain);
    expect(contained?.expectations).toEqual([
      ["converged", "true"],
      ["reorgDepth", "true"],
    ]);
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

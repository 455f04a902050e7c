import { parse } from "csv-parse/sync";
import { expect, test } from "vitest";
import * as z from "zod";
import { realRuns } from "../support/real-runs.ts";

/** Real nodes, few and for seconds, from the command line to the results. What is asserted does not depend on how fast the machine is. */

const runs = realRuns();

/** Checks of trust that a machine which is busy with something else fails. */
const OF_THE_MACHINE = new Set([
  "event-loop",
  "hash-rate",
  "load-on-time",
  "load-complete",
  "faults-on-time",
]);

const verdictSchema = z.object({
  exitStatus: z.int(),
  expectations: z.array(z.object({ name: z.string(), finding: z.string() })),
  trust: z.array(z.object({ check: z.string(), finding: z.string(), evidence: z.string() })),
});

async function tableOf(name: string, table: string): Promise<Record<string, string>[]> {
  return parse(await runs.readLatest(name, table), { columns: true });
}

test("a scenario with faults runs to its end: every fault is seen at work, the verdict is the exit status, and nobody is left behind", async () => {
  const file = await runs.scenario(
    "split",
    `duration: 5s
nodes: { count: 4, hashRate: 1kH/s }
timeline:
  - { at: 500ms, partition: [[0, 1], [2, 3]] }
  - { at: 1s, latency: 60ms }
  - { at: 1500ms, hashRate: 500H/s, nodes: 0 }
  - { at: 2500ms, heal: all }
expect: { refused: { max: 100 } }
`,
  );
  // With real hashing, the default of real nodes.
  const run = runs.start(file, [process.execPath, "runner/main.ts", "--set", "chain.seal=hash"]);
  const status = await run.status;
  const verdict = verdictSchema.parse(JSON.parse(await runs.readLatest("split", "verdict.json")));
  expect(verdict.expectations, run.said.stdout).toMatchObject([{ name: "refused", finding: "true" }]);
  const doubts = verdict.trust.filter(
    ({ check, finding }) => finding === "false" && !OF_THE_MACHINE.has(check),
  );
  expect(doubts).toEqual([]);
  expect(status).toBe(verdict.exitStatus);
  expect(run.said.stdout.split("\n")[0]).toContain(
    "split: 4 nodes for 5 s, as processes on this machine, seed 1.",
  );
  expect((await tableOf("split", "faults.csv")).map(({ word, probed }) => [word, probed])).toEqual([
    ["partition", "true"],
    ["latency", "true"],
    ["hashRate", "true"],
    ["heal", "true"],
  ]);
  const transactions = await tableOf("split", "transactions.csv");
  expect(transactions.length).toBeGreaterThan(10);
  expect(await runs.nodesAlive()).toEqual([]);
}, 90_000);

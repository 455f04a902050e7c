import { cp, mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { runPlan } from "../../runner/driver/run.ts";
import { Journal } from "../../runner/record/journal.ts";
import { realRuns } from "../support/real-runs.ts";

/** Nodes that end although nobody asked them to: before the run, or in its midst. */

const runs = realRuns();

const THREE = "nodes: { count: 3, hashRate: 2kH/s }\n";

/** An installation that was broken off: all of the sources, and every package but one. Gives its runner's file. */
async function installationWithout(missing: string): Promise<string> {
  const root = join(runs.folder, `without-${missing}`);
  await mkdir(join(root, "node_modules"), { recursive: true });
  for (const part of ["node", "runner", "package.json"])
    await cp(part, join(root, part), { recursive: true });
  for (const name of await readdir("node_modules"))
    if (name !== missing) await symlink(resolve("node_modules", name), join(root, "node_modules", name));
  return join(root, "runner", "main.ts");
}

test("a node that cannot start ends the command with 4, its name and its last words, and leaves nothing running", async () => {
  // Of all that needs it, only nodes do: the runner comes up.
  const main = await installationWithout("koa");
  const run = runs.start(await runs.scenario("cannot-start", `duration: 5s\n${THREE}`), [
    process.execPath,
    main,
  ]);
  expect(await run.status).toBe(4);
  expect(await runs.nodesAlive()).toEqual([]);
  expect(run.said.stderr.replaceAll(runs.folder, "")).toMatch(
    /^The run could not start: node-\d exited with status 1\. Its last words \(\/results\/cannot-start\/[\w-]+\/logs\/node-\d\.log\):\n/m,
  );
  expect(run.said.stderr).toMatch(/^ {4}.*Cannot find package 'koa' imported from .*\.ts$/m);
  // What there is stays, at the place that is named: here what each node was started with, and its log.
  const folder = run.said.stderr.match(/^What there is of it: (.+)$/m)?.[1] ?? "";
  expect((await readdir(folder)).sort()).toEqual(["events.csv.part", "logs", "nodes"]);
  expect(await readdir(join(folder, "logs"))).toContain("node-0.log");
}, 90_000);

test("what the backend says of a node that dies at the start are the node's own last lines", async () => {
  const main = join(runs.folder, "broken-node.mjs");
  await writeFile(
    main,
    `process.stderr.write("one\\nforklab node: no room on the disk\\n"); process.exit(1);`,
  );
  const { backend, plan, events } = await runs.backend("broken", `duration: 5s\n${THREE}`, main);
  const outcome = await runPlan(plan, backend, new Journal(), {
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  expect(outcome).toMatchObject({ end: "not-started" });
  if (outcome.end !== "not-started") return;
  expect(outcome.reason.replaceAll(runs.folder, "")).toMatch(
    /^node-\d exited with status 1\. Its last words \(\/broken\/logs\/node-\d\.log\):\n {4}one\n {4}forklab node: no room on the disk$/,
  );
  expect(events).toEqual([]);
}, 90_000);

test("a node that dies unasked is named, the run goes on, and its verdict is unknown", async () => {
  const run = runs.start(await runs.scenario("dies", `duration: 4s\n${THREE}`));
  await run.hasRecorded("block-mined");
  const [victim] = await runs.nodesAlive();
  if (victim !== undefined) process.kill(victim, "SIGKILL");
  expect(await run.status).toBe(2);
  expect(run.said.stderr).toMatch(/^node-\d: the process was killed by SIGKILL, unasked; its last words: /m);
  expect(run.said.stdout).toContain("nodes-alive");
  expect(await runs.nodesAlive()).toEqual([]);
}, 90_000);

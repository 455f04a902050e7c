import { expect, test } from "vitest";
import { realRuns, until } from "../support/real-runs.ts";

/** However a run is ended before its time, no node of it goes on, and what was recorded stays. */

const runs = realRuns();

const LONG = "duration: 600s\nnodes: { count: 3, hashRate: 2kH/s }\n";
const PAUSED = `${LONG}timeline: [{ at: 500ms, pause: 1 }]\n`;

async function noNodeIsLeft(): Promise<void> {
  await until(async () => (await runs.nodesAlive()).length === 0, "every node is gone");
}

test("Ctrl-C ends the nodes, writes what was recorded, says so and exits with 130", async () => {
  const run = runs.start(await runs.scenario("stopped", PAUSED));
  await run.hasRecorded("paused");
  await run.hasRecorded("block-mined");
  // One press may come twice, since npm hands on what the terminal has told already.
  run.signalGroup("SIGINT");
  run.signalGroup("SIGINT");
  expect(await run.status).toBe(130);
  // At once, without the watchdog's help.
  expect(await runs.nodesAlive()).toEqual([]);
  expect(run.said.stderr).toContain("Interrupted: stopping the nodes and writing what was recorded.");
  expect(JSON.parse(await runs.readLatest("stopped", "manifest.json"))).toMatchObject({ interrupted: true });
  expect(JSON.parse(await runs.readLatest("stopped", "verdict.json"))).toMatchObject({ outcome: "unknown" });
  expect(await runs.readLatest("stopped", "events.csv")).toContain("paused");
  expect((await runs.readLatest("stopped", "blocks.csv")).trim().split("\n").length).toBeGreaterThan(1);
}, 90_000);

test("a second Ctrl-C while the nodes are being stopped gives up at once, and leaves none", async () => {
  const run = runs.start(await runs.scenario("given-up", LONG));
  await run.hasRecorded("block-mined");
  // One that does not answer: the runner asks it to stop mining, and waits for seconds.
  const [victim] = await runs.nodesAlive();
  if (victim !== undefined) process.kill(victim, "SIGSTOP");
  await until(() => {
    run.signalGroup("SIGINT");
    return run.hasEnded();
  }, "the impatient are heard");
  expect(await run.status).toBe(130);
  expect(run.said.stderr).toContain("Ctrl-C again gives up at once.");
  // It was in the midst of it: the results are not written, the journal is there.
  expect(await runs.readSoFar("given-up", "manifest.json")).toBe("");
  expect(await runs.readSoFar("given-up", "events.csv.part")).toContain("block-mined");
  await noNodeIsLeft();
}, 90_000);

test("Ctrl-C while the nodes come up ends those that are up already", async () => {
  const run = runs.start(await runs.scenario("never-began", LONG));
  await until(async () => (await runs.nodesAlive()).length > 0, "a node starts");
  run.signalGroup("SIGINT");
  expect(await run.status).toBe(130);
  expect(await runs.nodesAlive()).toEqual([]);
}, 90_000);

test("SIGTERM is a polite end too, with 143", async () => {
  const run = runs.start(await runs.scenario("terminated", LONG));
  await run.hasRecorded("block-mined");
  // As a service manager sends it: to the runner alone.
  run.child.kill("SIGTERM");
  expect(await run.status).toBe(143);
  expect(await runs.nodesAlive()).toEqual([]);
  expect(JSON.parse(await runs.readLatest("terminated", "manifest.json"))).toMatchObject({
    interrupted: true,
  });
}, 90_000);

test("no node outlives a runner that was killed, not even one that stands still", async () => {
  const run = runs.start(await runs.scenario("orphans", PAUSED));
  await run.hasRecorded("paused");
  expect(run.hasEnded()).toBe(false);
  expect((await runs.nodesAlive()).length).toBe(3);
  run.child.kill("SIGKILL");
  expect(await run.status).toBeNull();
  await noNodeIsLeft();
}, 90_000);

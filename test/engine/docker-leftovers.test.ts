import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { until } from "../support/real-runs.ts";
import { anEngine, dockerRuns, ON_DOCKER, thingsOf } from "./docker-runs.ts";
import { engineSuite } from "./need-engine.ts";

const LONG = "duration: 600s\nnodes: { count: 2, hashRate: 2kH/s }\ntimeline: [{ at: 500ms, pause: 1 }]\n";

engineSuite("what a run in containers leaves in the engine", () => {
  const runs = dockerRuns();

  test("after Ctrl-C nothing, though one node stands still; what was recorded is written", async () => {
    const engine = await anEngine();
    const run = runs.start(await runs.scenario("stopped", LONG), ON_DOCKER);
    await run.hasRecorded("paused");
    const [things] = await thingsOf(engine, run.child.pid);
    expect([things?.owner, things?.containers.length, things?.volumes.length]).toEqual(["alive", 2, 2]);
    run.signalGroup("SIGINT");
    expect(await run.status).toBe(130);
    expect(await thingsOf(engine, run.child.pid)).toEqual([]);
    expect(JSON.parse(await runs.readLatest("stopped", "manifest.json"))).toMatchObject({
      interrupted: true,
      engine: { version: expect.any(String), imageId: expect.stringMatching(/^sha256:/) },
    });
  }, 100_000);

  test("after SIGKILL what npm run clean then removes, and only that", async () => {
    const engine = await anEngine();
    const killed = runs.start(await runs.scenario("killed", LONG), ON_DOCKER);
    const living = runs.start(await runs.scenario("living", LONG), ON_DOCKER);
    await killed.hasRecorded("paused");
    await living.hasRecorded("paused");
    killed.child.kill("SIGKILL");
    expect(await killed.status).toBeNull();
    const [leftOver] = await thingsOf(engine, killed.child.pid);
    expect(leftOver).toMatchObject({ owner: "gone" });
    const { stdout } = await promisify(execFile)(process.execPath, ["runner/clean-main.ts"]);
    expect(stdout).toContain(`removed: run ${leftOver?.runId}: 2 containers, 2 networks, 2 volumes`);
    expect(await thingsOf(engine, killed.child.pid)).toEqual([]);
    const [kept] = await thingsOf(engine, living.child.pid);
    expect(stdout).toContain(`still running: run ${kept?.runId}`);
    expect(kept?.containers.length).toBe(2);
    // A second press does not wait for the first: another process cleans up.
    await until(() => {
      // To the runner alone: what it starts with its last breath is in its group for an instant.
      living.child.kill("SIGINT");
      return living.hasEnded();
    }, "the impatient are heard");
    await until(async () => (await thingsOf(engine, living.child.pid)).length === 0, "all is removed");
  }, 110_000);
});

test("where no engine answers the command ends with 4 before there is anything of a run, and says what to do", async () => {
  const words = ["runner/main.ts", "scenarios/partition.yaml", "--on", "docker"];
  const env = { ...process.env, DOCKER_HOST: "unix:///nowhere/docker.sock" };
  await expect(promisify(execFile)(process.execPath, words, { env })).rejects.toMatchObject({
    code: 4,
    stdout: "",
    stderr: expect.stringMatching(/^--on docker cannot be used: no Docker engine answers .* Start one/),
  });
});

import { expect, test } from "vitest";
import { PrometheusClient } from "../../dashboards/prometheus-client.ts";
import type { DockerEngine } from "../../runner/backends/docker/docker-engine.ts";
import { type StartedRunner, until } from "../support/real-runs.ts";
import { allAnswered, queriesOfAll, RECORDED } from "./dashboard-queries.ts";
import { anEngine, dockerRuns, thingsOf } from "./docker-runs.ts";
import { engineSuite } from "./need-engine.ts";
import { PROMETHEUS_IMAGE, withVolume } from "./prometheus-container.ts";

const NODES = 3;

const LONG = `duration: 600s
nodes: { count: ${NODES}, hashRate: 2kH/s }
timeline: [{ at: 3s, partition: [[0], [1, 2]] }, { at: 12s, heal: all }]
`;

const SHORT = "duration: 4s\nnodes: { count: 2, hashRate: 2kH/s }\n";

engineSuite("the Prometheus beside a run in containers", () => {
  const runs = dockerRuns();

  /** With an image that has a volume of its own for its data, as the official one has. Its Prometheus has a nameless volume then. */
  const start = async (name: string, text: string, image: string): Promise<StartedRunner> => {
    const observed = ["runner/main.ts", "--on", "docker", "--observe", "127.0.0.1:0"];
    return runs.start(await runs.scenario(name, text), [
      ...["env", `PROMETHEUS_IMAGE=${image}`, process.execPath],
      ...observed,
    ]);
  };

  test("reads all nodes and the run, fills every panel and marks the faults; Ctrl-C leaves nothing of it", async () => {
    const engine = await anEngine();
    await using image = await withVolume(PROMETHEUS_IMAGE);
    const run = await start("observed", LONG, image.name);
    const url = await foundIn(run, /by Prometheus at (http:\/\/127\.0\.0\.1:\d+) until the run ends/);
    expect(run.said.stdout).toContain("Dashboard: http://127.0.0.1:3000/d/forklab-experiment");
    const prometheus = new PrometheusClient(url);
    const upOf = async (job: string) => (await prometheus.instant(`up{job="${job}"} == 1`)).length;
    await until(
      async () => (await upOf("node")) === NODES && (await upOf("run")) === 1,
      "all targets are up",
    );
    await run.hasRecorded("fault-applied");
    await allAnswered(prometheus, [
      ...queriesOfAll("experiment", "network", "transactions", "node"),
      ...RECORDED,
    ]);
    const [mark] = await prometheus.instant("forklab_run_fault_time_seconds");
    expect(mark?.labels).toMatchObject({ word: "partition", job: "run" });

    const volume = await namelessVolume(engine, run);
    run.signalGroup("SIGINT");
    expect(await run.status).toBe(130);
    await nothingLeft(engine, run, volume);
  }, 118_000);

  test("finds another port beside that of another run, and goes with a run that comes to its end, and with one that is interrupted while it starts", async () => {
    const engine = await anEngine();
    await using image = await withVolume(PROMETHEUS_IMAGE);
    const ending = await start("ending", SHORT, image.name);
    const interrupted = await start("interrupted", SHORT, image.name);
    const volumes = await Promise.all([ending, interrupted].map((run) => namelessVolume(engine, run)));
    interrupted.signalGroup("SIGINT");
    expect(await interrupted.status).toBe(130);
    await nothingLeft(engine, interrupted, volumes[1] ?? "");
    expect(await ending.status, ending.said.stderr).not.toBe(4);
    await nothingLeft(engine, ending, volumes[0] ?? "");
  }, 118_000);
});

async function foundIn(run: StartedRunner, pattern: RegExp): Promise<string> {
  const found = () => pattern.exec(run.said.stdout)?.[1] ?? null;
  await until(() => run.hasEnded() || found() !== null, `the run says ${pattern}`);
  return found() ?? expect.fail(`the run ended without it: ${run.said.stderr}`);
}

/** The volume that the engine made for the run's Prometheus, once there is that container. */
async function namelessVolume(engine: DockerEngine, run: StartedRunner): Promise<string> {
  let name: string | null = null;
  await until(async () => {
    const [things] = await thingsOf(engine, run.child.pid);
    const container = things?.containers.find((each) => each.name.endsWith("-prometheus"));
    if (container === undefined) return run.hasEnded();
    const info = await engine.askOrNull("inspect", (docker) => docker.getContainer(container.id).inspect());
    name = info?.Mounts.find(({ Type: type }) => type === "volume")?.Name ?? null;
    // One that finds its port taken gives way to another.
    return name !== null;
  }, "the run has a Prometheus");
  return name ?? expect.fail(`there is no Prometheus with a volume: ${run.said.stderr}`);
}

async function nothingLeft(engine: DockerEngine, run: StartedRunner, volume: string): Promise<void> {
  expect(await thingsOf(engine, run.child.pid)).toEqual([]);
  expect(await engine.askOrNull("inspect", (docker) => docker.getVolume(volume).inspect())).toBeNull();
}

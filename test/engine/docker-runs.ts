import { mkdir } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { cleanLeftovers, findRunThings, type RunThings } from "../../runner/backends/docker/clean.ts";
import { DockerEngine } from "../../runner/backends/docker/docker-engine.ts";
import { RUNNER_LABEL } from "../../runner/backends/docker/labels.ts";
import { openBackend } from "../../runner/backends/open-backend.ts";
import type { RunEvent } from "../../runner/record/run-event.ts";
import { parseScenario } from "../../runner/scenario/load.ts";
import { planRun } from "../../runner/scenario/plan-run.ts";
import { type RealRuns, realRuns } from "../support/real-runs.ts";

/** `realRuns`, after which nothing is left in the engine either, though a test failed and its runner had to be killed. */
export function dockerRuns(): RealRuns {
  // Before the other's, and so done after it.
  afterAll(async () => void (await cleanLeftovers(await anEngine())));
  return realRuns();
}

/** For `RealRuns.start`. */
export const ON_DOCKER = [process.execPath, "runner/main.ts", "--on", "docker"];

export async function anEngine(): Promise<DockerEngine> {
  const opening = await DockerEngine.open();
  if (!opening.ok) throw new Error(opening.reason);
  return opening.engine;
}

/** What the runs of one runner have in the engine; by default of this process. */
export async function thingsOf(
  engine: DockerEngine,
  pid: number | undefined = process.pid,
): Promise<RunThings[]> {
  const all = await findRunThings(engine);
  const owner = `${pid}@${hostname()}`;
  return all.filter(({ containers, networks, volumes }) =>
    [...containers, ...networks, ...volumes].some(({ labels }) => labels[RUNNER_LABEL] === owner),
  );
}

/** The backend without a command line around it, and the events that it tells. */
export async function aDockerBackend(parent: string, name: string, text: string) {
  const plan = planRun(parseScenario(`name: ${name}\n${text}`, `${name}.yaml`));
  const prepared = await openBackend("docker").prepare({
    plan,
    say: () => undefined,
    signal: new AbortController().signal,
  });
  if (!prepared.ok) throw new Error(prepared.reason);
  const folder = join(parent, name);
  await mkdir(folder);
  const events: RunEvent[] = [];
  const emit = (event: RunEvent) => {
    events.push(event);
  };
  return { plan, folder, events, backend: prepared.create({ plan, folder, emit }) };
}

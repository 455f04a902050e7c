import { setTimeout } from "node:timers/promises";
import { type Cleaned, cleanLeftovers } from "./backends/docker/clean.ts";
import { DockerEngine, EngineError } from "./backends/docker/docker-engine.ts";
import { isRunning } from "./backends/docker/labels.ts";
import { EXIT_FAILED } from "./exit-status.ts";

/**
 * `npm run clean`: removes the containers, networks and volumes of runs whose runner is gone. Exits with 0 when nothing of them is left.
 * `--after PID` first waits until that process, which starts this one with its last breath, is gone.
 */

/** Of a process that has begun to end: a busy machine may leave it the processor for moments only. */
const ENDING_TIMEOUT_MS = 20_000;
const POLL_INTERVAL_MS = 50;

const [flag, pid] = process.argv.slice(2);
if (flag === "--after") await gone(Number(pid));
const opening = await DockerEngine.open();
if (opening.ok) {
  try {
    say(await cleanLeftovers(opening.engine));
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    fail(`Not everything could be removed: ${error.message}`);
  }
} else fail(`Nothing could be looked for: ${opening.reason}`);
// A connection to the engine may be kept open.
process.exit();

async function gone(runner: number): Promise<void> {
  const deadlineMs = performance.now() + ENDING_TIMEOUT_MS;
  while (isRunning(runner) && performance.now() < deadlineMs) await setTimeout(POLL_INTERVAL_MS);
}

function say({ removed, kept, elsewhere }: Cleaned): void {
  for (const things of removed) process.stdout.write(`removed: ${describe(things)}\n`);
  for (const things of kept) process.stdout.write(`still running: ${describe(things)}\n`);
  for (const things of elsewhere)
    process.stdout.write(`left alone, started on another host: ${describe(things)}\n`);
  if (removed.length === 0) process.stdout.write("No run left anything behind.\n");
}

function describe({ runId, containers, networks, volumes }: Cleaned["removed"][number]): string {
  const names = containers.map(({ name }) => name).join(", ");
  const counts = `${containers.length} containers, ${networks.length} networks, ${volumes.length} volumes`;
  return `run ${runId}: ${counts}${names === "" ? "" : ` (${names})`}`;
}

function fail(text: string): void {
  process.stderr.write(`${text}\n`);
  process.exitCode = EXIT_FAILED;
}

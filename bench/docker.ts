import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { cpus, hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type Docker from "dockerode";
import { quantileSorted } from "simple-statistics";
import * as z from "zod";
import { DockerEngine } from "../runner/backends/docker/docker-engine.ts";
import { RUNNER_LABEL } from "../runner/backends/docker/labels.ts";

/**
 * What thirty nodes in containers cost on this machine, as the engine counts it, and whether the run can be trusted.
 * Usage: npm run bench:docker, with -- and options of the scenario behind it for another length (--set duration=60s)
 */
const MAIN = fileURLToPath(new URL("../runner/main.ts", import.meta.url));
const SCENARIO = fileURLToPath(new URL("thirty-containers.yaml", import.meta.url));

/** Between two readings of all containers: each makes the engine read thirty control groups. */
const READ_INTERVAL_MS = 15_000;

const summarySchema = z.object({
  outcome: z.string(),
  trust: z.array(z.object({ check: z.string(), finding: z.string(), evidence: z.string() })),
});

interface Reading {
  readonly atMs: number;
  /** Of all its processes, since it started. */
  readonly cpuMs: number;
  /** Without the pages of files that the kernel keeps only because there is room. */
  readonly memoryBytes: number;
}

const opening = await DockerEngine.open();
if (!opening.ok) throw new Error(opening.reason);
const { engine } = opening;
const { version, kernel } = engine.version;
console.log(
  `# ${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node ${process.version}, engine ${version}, kernel ${kernel}`,
);
const root = await mkdtemp(join(tmpdir(), "forklab-bench-"));
const startMs = performance.now();
const run = spawn(
  process.execPath,
  [MAIN, SCENARIO, "--on", "docker", "--out", root, ...process.argv.slice(2)],
  {
    stdio: ["ignore", "ignore", "inherit"],
  },
);
const readings = await readWhile(run);
if (run.exitCode === null || run.exitCode > 2) throw new Error(`${SCENARIO} could not be run`);
const wallSec = (performance.now() - startMs) / 1_000;
const folder = join(root, "thirty-containers", "latest");
const verdict = summarySchema.parse(JSON.parse(readFileSync(join(folder, "verdict.json"), "utf8")));
const costs = [...readings.values()].flatMap((list) => costOf(list) ?? []);
const cores = costs.map((cost) => cost.cores).sort((a, b) => a - b);
const megabytes = costs.map((cost) => cost.megabytes).sort((a, b) => a - b);
console.log(
  [
    `nodes=${costs.length}`,
    `outcome=${verdict.outcome}`,
    `wall_s=${wallSec.toFixed(0)}`,
    `cpu_percent_median=${(100 * quantileSorted(cores, 0.5)).toFixed(1)}`,
    `cpu_percent_max=${(100 * quantileSorted(cores, 1)).toFixed(1)}`,
    `cpu_percent_all=${(100 * cores.reduce((sum, share) => sum + share, 0)).toFixed(0)}`,
    `memory_mb_median=${quantileSorted(megabytes, 0.5).toFixed(0)}`,
    `memory_mb_max=${quantileSorted(megabytes, 1).toFixed(0)}`,
    `memory_mb_all=${megabytes.reduce((sum, each) => sum + each, 0).toFixed(0)}`,
  ].join(" "),
);
for (const { check, finding, evidence } of verdict.trust) console.log(`${check}: ${finding}: ${evidence}`);
await rm(root, { recursive: true });
process.exit();

/** By container, in the order of time, as long as the run lasts. */
async function readWhile(child: ChildProcess): Promise<Map<string, Reading[]>> {
  const all = new Map<string, Reading[]>();
  const filters = { label: [`${RUNNER_LABEL}=${child.pid}@${hostname()}`] };
  while (child.exitCode === null) {
    await setTimeout(READ_INTERVAL_MS);
    for (const { Id } of await engine.ask("list", (docker) => docker.listContainers({ filters }))) {
      const stats = await engine.askOrNull("stats", (docker) =>
        docker.getContainer(Id).stats({ stream: false, "one-shot": true }),
      );
      // One that is being stopped has figures no more.
      if (stats?.memory_stats.usage !== undefined) all.set(Id, [...(all.get(Id) ?? []), readingOf(stats)]);
    }
  }
  return all;
}

function readingOf({ cpu_stats: cpu, memory_stats: memory }: Docker.ContainerStats): Reading {
  return {
    atMs: performance.now(),
    cpuMs: cpu.cpu_usage.total_usage / 1e6,
    // Source: docs.docker.com, "docker container stats": what it shows is the usage less the inactive pages of files.
    memoryBytes: memory.usage - (memory.stats?.inactive_file ?? 0),
  };
}

/** Between the second reading, when all nodes have started, and the last; null of a container that was not there so long. */
function costOf(list: readonly Reading[]): { cores: number; megabytes: number } | null {
  const [first, last] = [list[1], list.at(-1)];
  if (first === undefined || last === undefined || last === first) return null;
  return {
    cores: (last.cpuMs - first.cpuMs) / (last.atMs - first.atMs),
    megabytes: Math.max(...list.map(({ memoryBytes }) => memoryBytes)) / 1e6,
  };
}

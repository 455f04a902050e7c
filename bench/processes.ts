import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { median } from "./median.ts";
import { type NodeCosts, nodeCosts } from "./twenty-nodes.ts";

/**
 * What real nodes cost on this machine: the event-loop lag of twenty of them, one line a run, and the medians of several runs; then how long
 * scenarios/partition.yaml takes from command to result. Wants a machine that does nothing else, and says what others took of it.
 * Usage: npm run bench:processes -- [--runs 3]
 */
const { values } = parseArgs({ options: { runs: { type: "string", default: "3" } } });
console.log(`# ${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node ${process.version}`);

const scenario = fileURLToPath(new URL("twenty-nodes.yaml", import.meta.url));
const runs: NodeCosts[] = [];
for (let run = 1; run <= Number(values.runs); run += 1) {
  const costs = await nodeCosts(scenario);
  runs.push(costs);
  console.log(line(`run=${run}`, costs));
}
const [first] = runs;
if (first !== undefined && runs.length > 1) {
  const names = Object.keys(first);
  const medians = names.map((name) => [name, median(runs.map((costs) => costs[name] ?? Number.NaN))]);
  console.log(line("median", Object.fromEntries(medians)));
}

const root = await mkdtemp(join(tmpdir(), "forklab-bench-"));
const main = fileURLToPath(new URL("../runner/main.ts", import.meta.url));
const partition = fileURLToPath(new URL("../scenarios/partition.yaml", import.meta.url));
const startedMs = performance.now();
const { stdout, status } = spawnSync(process.execPath, [main, partition, "--quiet", "--out", root], {
  encoding: "utf8",
  stdio: ["ignore", "pipe", "inherit"],
});
const wallSec = (performance.now() - startedMs) / 1_000;
await rm(root, { recursive: true });
if (status === null || status > 2) throw new Error(`${partition} could not be run`);
console.log(`scenario=partition outcome=${stdout.split(" ")[0] ?? ""} wall_s=${wallSec.toFixed(1)}`);

function line(head: string, costs: NodeCosts): string {
  return [head, ...Object.entries(costs).map(([name, value]) => `${name}=${text(value)}`)].join(" ");
}

function text(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(Math.abs(value) < 2 ? 3 : 1);
}

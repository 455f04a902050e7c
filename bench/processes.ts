import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "csv-parse/sync";
import { quantileSorted } from "simple-statistics";

/**
 * What real nodes cost on this machine: the event-loop lag of twenty of them, and how long scenarios/partition.yaml takes from command
 * to result. Usage: npm run bench:processes
 */
const main = fileURLToPath(new URL("../runner/main.ts", import.meta.url));
const root = await mkdtemp(join(tmpdir(), "forklab-bench-"));
console.log(`# ${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node ${process.version}`);

const twenty = run(fileURLToPath(new URL("twenty-nodes.yaml", import.meta.url)));
const samples = columns(join(root, "twenty-nodes", "latest", "nodes.csv"));
// Each sample is the 99th percentile of one node's lags in one second: 99 of 100 lags in it were shorter.
const lagMs = numbers(samples, "event_loop_lag_ms_p99");
console.log(
  [
    "nodes=20",
    `outcome=${twenty.outcome}`,
    `wall_s=${twenty.wallSec.toFixed(1)}`,
    `samples=${lagMs.length}`,
    `lag_ms_p99_median=${quantileSorted(lagMs, 0.5).toFixed(1)}`,
    `lag_ms_p99_of_95_percent=${quantileSorted(lagMs, 0.95).toFixed(1)}`,
    `lag_ms_p99_of_99_percent=${quantileSorted(lagMs, 0.99).toFixed(1)}`,
    `samples_over_50_ms=${lagMs.filter((lag) => lag > 50).length}`,
    `lag_ms_p99_worst=${lagMs.at(-1)?.toFixed(1)}`,
    `cpu_ratio_median=${quantileSorted(numbers(samples, "cpu_ratio"), 0.5).toFixed(3)}`,
    `resident_mb_median=${Math.round(quantileSorted(numbers(samples, "resident_bytes"), 0.5) / 1e6)}`,
  ].join(" "),
);

const partition = run(fileURLToPath(new URL("../scenarios/partition.yaml", import.meta.url)));
console.log(`scenario=partition outcome=${partition.outcome} wall_s=${partition.wallSec.toFixed(1)}`);
await rm(root, { recursive: true });

function run(file: string): { outcome: string; wallSec: number } {
  const started = performance.now();
  const { stdout, status } = spawnSync(process.execPath, [main, file, "--quiet", "--out", root], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status === null || status > 2) throw new Error(`${file} could not be run`);
  return { outcome: stdout.split(" ")[0] ?? "", wallSec: (performance.now() - started) / 1_000 };
}

function columns(file: string): Record<string, string>[] {
  return parse(readFileSync(file), { columns: true });
}

/** Sorted; empty cells are left out, because nothing was measured there. */
function numbers(rows: Record<string, string>[], column: string): number[] {
  return rows
    .flatMap((row) => (row[column] === "" || row[column] === undefined ? [] : [Number(row[column])]))
    .sort((a, b) => a - b);
}

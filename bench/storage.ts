import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { median } from "./median.ts";
import { ENGINES } from "./storage-engines.ts";

/**
 * What it costs to keep blocks in a plain file, in SQLite and in LevelDB, each in processes of their own: one line for each, medians of the
 * runs. `write_1k_per_s`: blocks of 1 kB, one write each, returned when kept. `batch_1k_per_s`: a hundred a write. The same with 100 kB.
 * `open_100k_s`: opening 100,000 blocks of 1 kB and reading all headers. `open_mb`: resident memory after it.
 * LevelDB is measured where `classic-level` can be imported (CLASSIC_LEVEL names another place to import it from).
 * Usage: npm run bench:storage -- [--runs 3]
 */
const { values } = parseArgs({ options: { runs: { type: "string", default: "3" } } });
const script = fileURLToPath(new URL("storage-run.ts", import.meta.url));

/** Task, blocks, bytes each, blocks a write. */
const TASKS = [
  ["write_1k_per_s", "write", 20_000, 1_000, 1],
  ["batch_1k_per_s", "write", 100_000, 1_000, 100],
  ["write_100k_per_s", "write", 2_000, 100_000, 1],
  ["batch_100k_per_s", "write", 2_000, 100_000, 20],
] as const;

console.log(
  `# ${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node ${process.version}, medians of ${values.runs}`,
);
for (const engine of ENGINES.keys()) {
  const figures = new Map<string, number[]>();
  for (let run = 0; run < Number(values.runs); run++) measureAll(engine, figures);
  const pairs = [...figures].map(([name, found]) => `${name}=${Number(median(found).toPrecision(3))}`);
  console.log(`engine=${engine} ${pairs.length === 0 ? "not_installed=1" : pairs.join(" ")}`);
}

function measureAll(engine: string, figures: Map<string, number[]>): void {
  for (const [name, task, count, sizeBytes, perWrite] of TASKS)
    inFolder((folder) => note(figures, name, run(engine, folder, task, count, sizeBytes, perWrite).per_s));
  inFolder((folder) => {
    run(engine, folder, "write", 100_000, 1_000, 100);
    const opened = run(engine, folder, "open", 100_000, 0, 0);
    note(figures, "open_100k_s", opened.wall_s);
    note(figures, "open_mb", opened.resident_mb);
  });
}

function run(engine: string, folder: string, ...task: readonly (string | number)[]): Record<string, number> {
  return JSON.parse(
    execFileSync(process.execPath, [script, engine, folder, ...task.map(String)], { encoding: "utf8" }),
  );
}

function note(figures: Map<string, number[]>, name: string, value: number | undefined): void {
  if (value === undefined) return;
  figures.set(name, [...(figures.get(name) ?? []), value]);
}

function inFolder(work: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "forklab-bench-"));
  try {
    work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

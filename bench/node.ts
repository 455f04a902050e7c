import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { makeLongChain } from "./long-chain.ts";
import { median } from "./median.ts";

/**
 * What one node costs and does, one line for each measure, medians of the runs.
 * `idle`: resident memory of a node that mines nothing and knows nobody, beside that of Node.js doing nothing.
 * `start`: from the command to listening on a chain of 100,000 blocks of 1 kB, beside a start that has no kept ledger and applies all of them
 * again from genesis; and the memory of the node then.
 * Usage: npm run bench:node -- [--runs 3] [--blocks 100000]
 */
const { values } = parseArgs({
  options: { runs: { type: "string", default: "3" }, blocks: { type: "string", default: "100000" } },
});
const main = fileURLToPath(new URL("../node/launch.js", import.meta.url));

/** Until what a start leaves behind is collected. */
const SETTLE_MS = 5_000;

console.log(
  `# ${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node ${process.version}, medians of ${values.runs}`,
);
const root = mkdtempSync(join(tmpdir(), "forklab-bench-"));
try {
  const idle = await repeat(() => startNode(["--dir", join(root, "idle")]));
  const bare = await repeat(() => measured(["-e", "console.log('up'); setInterval(() => {}, 1e6)"]));
  line("idle", { resident_mb: idle.residentMb, bare_runtime_mb: bare.residentMb });

  const chain = makeLongChain(root, Number(values.blocks));
  const args = ["--dir", chain.dir, "--chain", chain.chainFile];
  const quick = await repeat(() => startNode(args));
  forgetLedgers(chain.dir);
  // It keeps new ledgers while it applies the chain, so each run begins without.
  const replay = await repeat(() => {
    forgetLedgers(chain.dir);
    return startNode(args);
  });
  line("start", {
    blocks: Number(values.blocks),
    chain_mb: chain.sizeBytes / 1e6,
    listening_s: quick.startSec,
    resident_mb: quick.residentMb,
    replay_listening_s: replay.startSec,
    ratio: replay.startSec / quick.startSec,
  });
} finally {
  rmSync(root, { recursive: true });
}

interface Measured {
  readonly startSec: number;
  readonly residentMb: number;
}

function startNode(args: readonly string[]): Promise<Measured> {
  return measured([main, "--mine", "off", "--name", "bench", "--port", "0", ...args]);
}

/** From the start of a process to its first line, and its memory once it has settled. */
async function measured(args: readonly string[]): Promise<Measured> {
  const startedMs = performance.now();
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"] });
  try {
    await firstLine(child);
    const startSec = (performance.now() - startedMs) / 1_000;
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    return { startSec, residentMb: residentMbOf(child.pid ?? 0) };
  } finally {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  }
}

async function firstLine({ stdout }: ChildProcess): Promise<void> {
  if (stdout === null) throw new Error("no output to read");
  for await (const _ of createInterface({ input: stdout })) return;
  throw new Error("the node did not start");
}

function residentMbOf(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return (Number(kilobytes) * 1_024) / 1e6;
}

async function repeat(run: () => Promise<Measured>): Promise<Measured> {
  const runs: Measured[] = [];
  // The first fills the cache of compiled code.
  for (let count = 0; count <= Number(values.runs); count++) runs.push(await run());
  const kept = runs.slice(1);
  return {
    startSec: median(kept.map(({ startSec }) => startSec)),
    residentMb: median(kept.map(({ residentMb }) => residentMb)),
  };
}

function forgetLedgers(dir: string): void {
  const database = new DatabaseSync(join(dir, "chain.db"));
  database.exec("DELETE FROM ledgers");
  database.close();
}

function line(measure: string, figures: Readonly<Record<string, number>>): void {
  const pairs = Object.entries(figures).map(([name, value]) => `${name}=${Number(value.toPrecision(3))}`);
  console.log(`measure=${measure} ${pairs.join(" ")}`);
}

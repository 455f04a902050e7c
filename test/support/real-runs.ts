import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll } from "vitest";
import { ProcessesBackend } from "../../runner/backends/processes/processes-backend.ts";
import { PARTIAL_EVENTS_FILE } from "../../runner/record/event-log.ts";
import type { RunEvent, TipChanged } from "../../runner/record/run-event.ts";
import { parseScenario } from "../../runner/scenario/load.ts";
import { planRun } from "../../runner/scenario/plan-run.ts";

/** Blocks are drawn, which leaves the machine to others and starts sooner: at 2 kH/s a block of a node in two seconds. */
export const HEAD = `seed: 1
chain: { difficulty: 12, seal: drawn }
network: { latency: 10ms }
transactions: { rate: 5/s, confirmations: 2 }
`;

/** How long a test waits for anything. Far above the second or two that it takes: the machine may be busy with something else. */
const PATIENCE_MS = 60_000;

/** A runner started by its command line, in a process group of its own, as a shell starts what is typed. */
export interface StartedRunner {
  readonly child: ChildProcess;
  /** So far. */
  readonly said: { readonly stdout: string; readonly stderr: string };
  /** Null when a signal ended it. */
  readonly status: Promise<number | null>;
  readonly hasEnded: () => boolean;
  /** Waits until the run's journal on disk has this text; a run that ends without it is a failure. */
  readonly hasRecorded: (text: string) => Promise<void>;
  /** To all of its group, as a terminal sends Ctrl-C. */
  readonly signalGroup: (signal: NodeJS.Signals) => void;
}

/** Real runs of one test file, in a folder of its own; nothing of them outlives the file. Call it at the top of the file. */
export function realRuns(): RealRuns {
  const runs = new RealRuns();
  beforeAll(() => runs.open());
  afterAll(() => runs.close());
  return runs;
}

export class RealRuns {
  folder = "";
  readonly #runners: StartedRunner[] = [];

  async open(): Promise<void> {
    this.folder = await mkdtemp(join(tmpdir(), "forklab-runs-"));
  }

  async close(): Promise<void> {
    for (const runner of this.#runners) runner.child.kill("SIGKILL");
    for (const pid of await this.nodesAlive()) process.kill(pid, "SIGKILL");
    await rm(this.folder, { recursive: true, force: true });
  }

  /** A scenario file with this name; `text` is what follows the head that all share. */
  async scenario(name: string, text: string): Promise<string> {
    const file = join(this.folder, `${name}.yaml`);
    await writeFile(file, `name: ${name}\n${HEAD}${text}`);
    return file;
  }

  /** `npm run scenario file`, without npm. */
  start(file: string, before: readonly string[] = [process.execPath, "runner/main.ts"]): StartedRunner {
    const [command = "", ...words] = [...before, file, "--out", join(this.folder, "results")];
    const child = spawn(command, words, { detached: true, stdio: ["ignore", "pipe", "pipe"] });
    const said = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const)
      child[name].on("data", (chunk: Buffer) => {
        said[name] += chunk.toString();
      });
    let ended = false;
    const status = new Promise<number | null>((resolve) => child.on("close", resolve)).then((code) => {
      ended = true;
      return code;
    });
    const signalGroup = (signal: NodeJS.Signals) => {
      if (child.pid !== undefined && !ended) process.kill(-child.pid, signal);
    };
    const name = basename(file, ".yaml");
    const hasRecorded = async (text: string) => {
      const isRecorded = async () => (await this.readSoFar(name, PARTIAL_EVENTS_FILE)).includes(text);
      await until(async () => ended || (await isRecorded()), `${name} has recorded ${text}`);
      if (!(await isRecorded())) throw new Error(`${name} ended without ${text}: ${said.stderr}`);
    };
    const runner = { child, said, status, hasEnded: () => ended, hasRecorded, signalGroup };
    this.#runners.push(runner);
    return runner;
  }

  /** Process ids of the nodes of this file's runs. */
  async nodesAlive(): Promise<number[]> {
    const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
    const found = await Promise.all(
      pids.map(async (pid) => {
        const words = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
        return words.includes("--key-seed") && words.includes(this.folder) ? [Number(pid)] : [];
      }),
    );
    return found.flat();
  }

  /** A file of the last run of this name that came to its end. */
  async readLatest(name: string, file: string): Promise<string> {
    return await readFile(join(this.folder, "results", name, "latest", file), "utf8");
  }

  /** The text of a file of the only run of this name, whether it has ended or not; empty while there is none. */
  async readSoFar(name: string, file: string): Promise<string> {
    const parent = join(this.folder, "results", name);
    const [run] = await readdir(parent).catch(() => []);
    return run === undefined ? "" : await readFile(join(parent, run, file), "utf8").catch(() => "");
  }

  /** The backend without a command line around it, and the events that it tells. `main`: a file to run in place of the node. */
  async backend(name: string, text: string, main?: string) {
    const plan = planRun(parseScenario(`name: ${name}\n${HEAD}${text}`, `${name}.yaml`));
    const events: RunEvent[] = [];
    const folder = join(this.folder, name);
    await mkdir(folder);
    const emit = (event: RunEvent) => {
      events.push(event);
    };
    const options = main === undefined ? {} : { main };
    return { plan, events, folder, backend: new ProcessesBackend({ plan, folder, emit }, options) };
  }
}

/** Asks again and again; a condition that never holds ends the test with its name. */
export async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (performance.now() > deadlineMs) throw new Error(`after ${PATIENCE_MS / 1_000} s still not: ${what}`);
    await setTimeout(25);
  }
}

/** Hashes of the blocks that a node told it holds. */
export function heldBy(events: readonly RunEvent[], node: number): Set<string> {
  const hashes = events.flatMap((event) =>
    (event.type === "block-mined" || event.type === "block-received") && event.node === node
      ? [event.hash]
      : [],
  );
  return new Set(hashes);
}

/** The last tip that a node told of. */
export function tipOf(events: readonly RunEvent[], node: number): TipChanged | undefined {
  return events.findLast((event): event is TipChanged => event.type === "tip-changed" && event.node === node);
}

/** Where a node of a backend listens, from its log: it keeps its port when it restarts. */
export async function urlOf(folder: string, node: number): Promise<string> {
  const log = await readFile(join(folder, "logs", `node-${node}.log`), "utf8");
  const url = log.match(/http:\/\/127\.0\.0\.1:\d+/)?.[0];
  if (url === undefined) throw new Error(`node ${node} has not said where it listens`);
  return url;
}

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A process of the bench, ended with it. */
export class Child {
  readonly #process: ChildProcess;
  #text = "";
  readonly #lines: string[] = [];
  #wake: () => void = () => {
    // Nobody waits yet.
  };

  /** `script`: from this folder. */
  constructor(script: string, args: readonly string[] = []) {
    const path = fileURLToPath(new URL(script, import.meta.url));
    const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), "forklab-bench-cache") };
    this.#process = spawn(process.execPath, [path, ...args], { env, stdio: ["pipe", "pipe", "inherit"] });
    const kill = () => this.#process.kill("SIGKILL");
    process.once("exit", kill);
    this.#process.once("exit", () => {
      process.off("exit", kill);
      this.#wake();
    });
    this.#process.stdout?.on("data", (chunk: Buffer) => {
      const parts = (this.#text + chunk).split("\n");
      this.#text = parts.pop() ?? "";
      this.#lines.push(...parts);
      this.#wake();
    });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Processor time that it has taken so far, s; null where the system does not say. Source: proc(5), fields 14 and 15 of stat, in 1/100 s. */
  get cpuSec(): number | null {
    if (process.platform !== "linux") return null;
    const fields = readFileSync(`/proc/${this.pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }

  tell(message: unknown): void {
    this.#process.stdin?.write(`${JSON.stringify(message)}\n`);
  }

  /** The next line that it says, as JSON. */
  async line(): Promise<Readonly<Record<string, unknown>>> {
    for (;;) {
      const line = this.#lines.shift();
      if (line !== undefined) return JSON.parse(line);
      if (this.#process.exitCode !== null)
        throw new Error(`a process of the bench ended with ${this.#process.exitCode}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async end(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill("SIGKILL");
    await ended;
  }
}

/** A real node in a folder of its own that goes with it, on a chain of these parameters. */
export async function startBenchNode(chain: unknown, more: readonly string[] = []) {
  const folder = mkdtempSync(join(tmpdir(), "forklab-bench-"));
  const chainFile = join(folder, "chain.json");
  writeFileSync(chainFile, JSON.stringify(chain));
  const flags = [
    "--name",
    "bench",
    "--dir",
    join(folder, "data"),
    "--chain",
    chainFile,
    "--log-level",
    "warn",
  ];
  const child = new Child("../../node/launch.js", [...flags, ...more]);
  const { url, genesis } = await child.line();
  const close = async () => {
    await child.end();
    rmSync(folder, { recursive: true, force: true });
  };
  return { child, url: String(url), genesis: String(genesis), close };
}

/** Of so many requests, from processor time before and after, s. */
export function usEach(startSec: number | null, endSec: number | null, count: number): number | null {
  return startSec === null || endSec === null ? null : ((endSec - startSec) * 1e6) / count;
}

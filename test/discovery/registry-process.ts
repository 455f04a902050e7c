import { type ChildProcess, spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { NodeEntry } from "../../node/core/discovery/node-entry.ts";
import { until } from "../support/live-process.ts";

const MAIN = fileURLToPath(new URL("../../node/registry-main.ts", import.meta.url));

/** How long a process may take to start, ms, on a machine that is busy with other tests. */
const START_PATIENCE_MS = 60_000;

/** A real registry in a process of its own; killed with its test. */
export class RegistryUnderTest implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly url: string;
  readonly exited: Promise<number | null>;

  private constructor(child: ChildProcess, url: string, exited: Promise<number | null>) {
    this.child = child;
    this.url = url;
    this.exited = exited;
  }

  static async start(args: readonly string[]): Promise<RegistryUnderTest> {
    const { child, exited, output } = spawnRegistry(args);
    const line = await until(() => {
      if (child.exitCode !== null) throw new Error(`the registry ended: ${output.stderr}`);
      return output.stdout.split("\n")[1] === undefined ? null : output.stdout.split("\n")[0];
    }, START_PATIENCE_MS);
    return new RegistryUnderTest(child, JSON.parse(line ?? "").url, exited);
  }

  get port(): string {
    return new URL(this.url).port;
  }

  /** The flags by which a node finds this registry. */
  get flags(): string[] {
    return ["-di", "127.0.0.1", "-dp", this.port];
  }

  nodes(): Promise<NodeEntry[]> {
    return knownNodes(this.url);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGKILL");
    await this.exited;
  }
}

/** Starts a registry and collects what it says. */
export function spawnRegistry(args: readonly string[]) {
  const child = spawn(process.execPath, [MAIN, "--log-level", "warn", ...args], {
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: join(tmpdir(), "forklab-test-cache") },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (data) => {
    output.stdout += data;
  });
  child.stderr.on("data", (data) => {
    output.stderr += data;
  });
  const exited = new Promise<number | null>((resolve) => child.on("exit", (code) => resolve(code)));
  return { child, exited, output };
}

/** What a registry or a node tells of. */
export async function knownNodes(url: string): Promise<NodeEntry[]> {
  return (await (await fetch(`${url}/nodes/`)).json()) as NodeEntry[];
}

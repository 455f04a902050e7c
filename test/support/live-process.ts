import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compactFromDifficulty } from "../../node/core/chain/target.ts";

export const CONTROL_TOKEN = "a-token-for-tests";
const MAIN = fileURLToPath(new URL("../../node/launch.js", import.meta.url));

/** How long a test waits for anything that a node is to do, ms. */
const PATIENCE_MS = 10_000;

/** How long a process may take to start, ms, on a machine that is busy with other tests. */
const START_PATIENCE_MS = 60_000;

export interface StatusJson {
  readonly height: number;
  readonly tip: string;
  readonly peers: { readonly count: number; readonly up: number };
  readonly mining: { readonly hashesPerSecAchieved: number | null };
  readonly storage: { readonly damagedCount: number; readonly missingCount: number };
  readonly coins: string;
  readonly coinsExpected: string;
}

export interface Answer {
  readonly status: number;
  readonly body: ErrorJson & Readonly<Record<string, unknown>>;
}

interface ErrorJson {
  readonly error?: { readonly code: string; readonly definite: boolean; readonly message: string };
}

/** A real node in a process of its own; killed with its test. */
export class NodeUnderTest {
  readonly child: ChildProcess;
  readonly url: string;
  readonly genesis: string;
  readonly exited: Promise<{ code: number | null; signal: string | null }>;
  readonly #stderr: () => string;

  private constructor(
    child: ChildProcess,
    listening: { url: string; genesis: string },
    exited: NodeUnderTest["exited"],
    stderr: () => string,
  ) {
    this.child = child;
    this.url = listening.url;
    this.genesis = listening.genesis;
    this.exited = exited;
    this.#stderr = stderr;
  }

  static async start(
    args: readonly string[],
    runtime: readonly string[] = [],
    controlToken = CONTROL_TOKEN,
  ): Promise<NodeUnderTest> {
    const { child, exited, output } = spawnNode(args, runtime, controlToken);
    const line = await until(() => {
      if (child.exitCode !== null) throw new Error(`the node ended: ${output.stderr}`);
      return output.stdout.includes("\n") ? output.stdout : null;
    }, START_PATIENCE_MS).catch((error: unknown) => {
      child.kill("SIGKILL");
      throw error;
    });
    return new NodeUnderTest(child, JSON.parse(line.split("\n")[0] ?? ""), exited, () => output.stderr);
  }

  get stderr(): string {
    return this.#stderr();
  }

  /** The JSON of an answer, taken for what the test says it is. */
  async get<T>(path: string): Promise<T> {
    return (await (await fetch(this.url + path)).json()) as T;
  }

  status(): Promise<StatusJson> {
    return this.get("/status");
  }

  async send(
    method: string,
    path: string,
    body: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(this.url + path, {
      method,
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? {} : JSON.parse(text) };
  }

  control(method: string, path: string, body: unknown): Promise<Answer> {
    return this.send(method, path, body, { authorization: `Bearer ${CONTROL_TOKEN}` });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGKILL");
    await this.exited;
  }
}

/** Starts a node and collects what it says. `runtime`: flags of Node.js itself; an empty token is none. */
export function spawnNode(
  args: readonly string[],
  runtime: readonly string[] = [],
  controlToken = CONTROL_TOKEN,
) {
  const child = spawn(process.execPath, [...runtime, MAIN, ...args], {
    env: {
      PATH: process.env.PATH,
      FORKLAB_CONTROL_TOKEN: controlToken,
      NODE_COMPILE_CACHE: join(tmpdir(), "forklab-test-cache"),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (data) => {
    output.stdout += data;
  });
  child.stderr.on("data", (data) => {
    output.stderr += data;
  });
  // A test that runs out of time is never told to clean up; its worker ends all the same.
  const killed = () => child.kill("SIGKILL");
  process.once("exit", killed);
  child.once("exit", () => process.off("exit", killed));
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) =>
    // After the last of what it said.
    child.on("close", (code, signal) => resolve({ code, signal })),
  );
  return { child, exited, output };
}

/** Asks again until there is an answer. */
export async function until<T>(
  ask: () => T | null | Promise<T | null>,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const endMs = performance.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (performance.now() > endMs) throw new Error(`waited ${patienceMs} ms in vain for ${ask}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A folder that goes with the test. */
export class Scratch {
  readonly path = mkdtempSync(join(tmpdir(), "forklab-test-"));

  /** A file with this JSON; its path. */
  json(name: string, value: unknown): string {
    const path = join(this.path, name);
    writeFileSync(path, JSON.stringify(value));
    return path;
  }

  dir(name: string): string {
    return join(this.path, name);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** A chain as `--chain` takes it: drawn, with a block in a second at 1 kH/s. */
export function chainJson(change: Record<string, unknown> = {}) {
  return {
    name: "test",
    seal: "drawn",
    initialCompactTarget: compactFromDifficulty(10),
    difficultyRule: { kind: "fixed" },
    genesisTimeMs: 1_735_689_600_000,
    allocations: [],
    blockReward: "50",
    blockBytesMax: 100_000,
    futureLimitMs: 7_200_000,
    ...change,
  };
}

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { readLogTail } from "./log-tail.ts";
import type { Watchdog } from "./watchdog.ts";

/** From spawn to the listening line. A node takes half a second of processor; twenty on two busy cores take twenty times that. */
const START_TIMEOUT_MS = 60_000;

const NODE_MAIN = fileURLToPath(new URL("../../../node/main.ts", import.meta.url));

const listeningLine = z.object({
  event: z.literal("listening"),
  url: z.string(),
  genesis: z.string().regex(/^[0-9a-f]{64}$/),
});

export interface ProcessSettings {
  readonly name: string;
  /** Flags of the node, its name among them. */
  readonly flags: readonly string[];
  readonly controlToken: string;
  /** Appended to. */
  readonly logFile: string;
  /** The file that is run; the node's main by default. */
  readonly main?: string;
}

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export type ProcessStart =
  | { readonly ok: true; readonly process: NodeProcess; readonly url: string; readonly genesisHash: string }
  | { readonly ok: false; readonly reason: string };

/** One node as an operating-system process. */
export class NodeProcess {
  readonly pid: number;
  /** Resolves when it has ended, whatever ended it. */
  readonly exited: Promise<ProcessExit>;
  #exit: ProcessExit | null = null;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, pid: number, watchdog: Watchdog) {
    this.#child = child;
    this.pid = pid;
    watchdog.watch(pid);
    this.exited = new Promise((resolve) => {
      child.once("exit", (code, signal) => {
        this.#exit = { code, signal };
        watchdog.forget(pid);
        resolve(this.#exit);
      });
    });
  }

  /** Starts a node and waits until it listens. One that ends first, or says nothing in time, is a failure with its last words. */
  static async start(
    settings: ProcessSettings,
    watchdog: Watchdog,
    signal: AbortSignal,
  ): Promise<ProcessStart> {
    if (signal.aborted) return { ok: false, reason: `${settings.name} was not started: interrupted` };
    const log = openSync(settings.logFile, "a");
    const child = spawn(process.execPath, [settings.main ?? NODE_MAIN, ...settings.flags], {
      // A group of its own: Ctrl-C in a terminal goes to the runner, which ends the nodes in order.
      detached: true,
      stdio: ["ignore", "pipe", log],
      env: environment(settings.controlToken),
    });
    closeSync(log);
    const spawnError = once(child, "error").then(([error]) => String(error));
    if (child.pid === undefined || child.stdout === null)
      return { ok: false, reason: `${settings.name} could not be started: ${await spawnError}` };
    const node = new NodeProcess(child, child.pid, watchdog);
    const lines = createInterface({ input: child.stdout });
    const timeout = AbortSignal.timeout(START_TIMEOUT_MS);
    const line = await firstLine(lines, AbortSignal.any([signal, timeout]));
    const parsed = listeningLine.safeParse(parseJson(line));
    if (parsed.success)
      return { ok: true, process: node, url: parsed.data.url, genesisHash: parsed.data.genesis };
    const why = signal.aborted
      ? "interrupted"
      : timeout.aborted
        ? `did not listen within ${START_TIMEOUT_MS / 1_000} s`
        : null;
    if (why !== null || line !== null) node.kill("SIGKILL");
    const exit = await node.exited;
    const what = why ?? (line === null ? describeExit(exit) : `said something else than that it listens`);
    const tail = await readLogTail(settings.logFile);
    return {
      ok: false,
      reason: `${settings.name} ${what}. Its last words (${settings.logFile}):\n${indent(tail)}`,
    };
  }

  get exit(): ProcessExit | null {
    return this.#exit;
  }

  kill(signal: NodeJS.Signals): void {
    if (this.#exit === null) this.#child.kill(signal);
  }
}

/** "exited with status 1", "was killed by SIGKILL". */
export function describeExit({ code, signal }: ProcessExit): string {
  return signal === null ? `exited with status ${code}` : `was killed by ${signal}`;
}

export function indent(text: string): string {
  return text.replaceAll(/^/gm, "    ");
}

/** The runner's, without settings meant for a node that somebody runs by hand. */
function environment(controlToken: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([key]) => !key.startsWith("FORKLAB_") && key !== "NODE_OPTIONS" && key !== "NODE_V8_COVERAGE",
  );
  return { ...Object.fromEntries(inherited), FORKLAB_CONTROL_TOKEN: controlToken };
}

/** Null when the output ends, or when aborted. What follows the first line is read and dropped. */
async function firstLine(
  lines: ReturnType<typeof createInterface>,
  signal: AbortSignal,
): Promise<string | null> {
  return await new Promise((resolve) => {
    lines.once("line", resolve);
    lines.once("close", () => resolve(null));
    signal.addEventListener("abort", () => resolve(null), { once: true });
  });
}

function parseJson(text: string | null): unknown {
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON is not the listening line; the caller shows what the node said.
    return null;
  }
}

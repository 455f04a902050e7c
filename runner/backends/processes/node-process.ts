import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { untilListening } from "../live/listening-line.ts";
import type { LifeEnd, LifeStart, NodeLife } from "../live/node-life.ts";
import type { Watchdog } from "./watchdog.ts";

const NODE_MAIN = fileURLToPath(new URL("../../../node/launch.js", import.meta.url));

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

/** A life of a node as a process of the operating system. */
export class NodeProcess implements NodeLife {
  readonly ended: Promise<LifeEnd>;
  url = "";
  genesisHash = "";
  #end: LifeEnd | null = null;
  readonly #child: ChildProcess;
  readonly #pid: number;

  private constructor(child: ChildProcess, pid: number, watchdog: Watchdog) {
    this.#child = child;
    this.#pid = pid;
    watchdog.watch(pid);
    this.ended = new Promise((resolve) => {
      child.once("exit", (code, signal) => {
        this.#end = { text: signal === null ? `exited with status ${code}` : `was killed by ${signal}` };
        watchdog.forget(pid);
        resolve(this.#end);
      });
    });
  }

  /** Starts a node and waits until it listens. */
  static async start(settings: ProcessSettings, watchdog: Watchdog, signal: AbortSignal): Promise<LifeStart> {
    const { name, logFile } = settings;
    if (signal.aborted) return { ok: false, reason: `${name} was not started: interrupted` };
    const log = openSync(logFile, "a");
    const child = spawn(process.execPath, [settings.main ?? NODE_MAIN, ...settings.flags], {
      // A group of its own: Ctrl-C in a terminal goes to the runner, which ends the nodes in order.
      detached: true,
      stdio: ["ignore", "pipe", log],
      env: environment(settings.controlToken),
    });
    closeSync(log);
    const spawnError = once(child, "error").then(([error]) => String(error));
    const { pid, stdout } = child;
    if (pid === undefined || stdout === null)
      return { ok: false, reason: `${name} could not be started: ${await spawnError}` };
    const life = new NodeProcess(child, pid, watchdog);
    const { ended } = life;
    const listening = await untilListening({ name, stdout, logFile, ended, kill: () => life.kill() }, signal);
    if (!listening.ok) return listening;
    life.url = listening.url;
    life.genesisHash = listening.genesisHash;
    return { ok: true, life };
  }

  get peerUrl(): string {
    return this.url;
  }

  get end(): LifeEnd | null {
    return this.#end;
  }

  async kill(): Promise<void> {
    this.#signal("SIGKILL");
    await this.ended;
  }

  async terminate(): Promise<void> {
    this.#signal("SIGTERM");
  }

  async freeze(): Promise<void> {
    this.#signal("SIGSTOP");
  }

  async thaw(): Promise<void> {
    this.#signal("SIGCONT");
  }

  /** Null where there is no /proc to ask. */
  async isFrozen(): Promise<boolean | null> {
    try {
      const stat = await readFile(`/proc/${this.#pid}/stat`, "utf8");
      // The name before it is in parentheses and may hold anything.
      return stat.slice(stat.lastIndexOf(")") + 2).startsWith("T");
    } catch {
      // Not Linux, or the process has just ended: the caller probes otherwise.
      return null;
    }
  }

  /** Signal 0 asks the kernel whether there is such a process. */
  async isRunning(): Promise<boolean> {
    try {
      return process.kill(this.#pid, 0);
    } catch {
      // ESRCH: none.
      return false;
    }
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#end === null) this.#child.kill(signal);
  }
}

/** The runner's, without settings meant for a node that somebody runs by hand. */
function environment(controlToken: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([key]) => !key.startsWith("FORKLAB_") && key !== "NODE_OPTIONS" && key !== "NODE_V8_COVERAGE",
  );
  return { ...Object.fromEntries(inherited), FORKLAB_CONTROL_TOKEN: controlToken };
}

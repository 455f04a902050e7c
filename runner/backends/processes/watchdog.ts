import { spawn } from "node:child_process";
import type { Writable } from "node:stream";

/**
 * Kills what is on the last line it was given once its input ends, which is what the death of its parent does, even by SIGKILL. A shell takes
 * a megabyte where another Node.js would take forty. SIGKILL also ends a process that was stopped.
 */
const SCRIPT = 'pids=; while read -r line; do pids=$line; done; [ -z "$pids" ] || kill -KILL $pids';

/**
 * Sees to it that no node outlives the runner, however the runner ends. It runs in a session of its own, so that Ctrl-C in a terminal,
 * which goes to every process of the group, does not take it down first.
 */
export class Watchdog {
  /** Null when no shell could be started. */
  readonly #input: Writable | null;
  readonly #pids = new Set<number>();

  constructor() {
    const shell = spawn("/bin/sh", ["-c", SCRIPT], { stdio: ["pipe", "ignore", "ignore"], detached: true });
    // Without a watchdog (no /bin/sh, no more open files, or somebody killed it) the run goes on: the runner stops its nodes itself.
    this.#input = shell.stdin ?? null;
    shell.on("error", () => this.#input?.destroy());
    this.#input?.on("error", () => this.#input?.destroy());
    shell.unref();
  }

  watch(pid: number): void {
    this.#pids.add(pid);
    this.#tell();
  }

  /** The process has ended; its number may soon be another's. */
  forget(pid: number): void {
    this.#pids.delete(pid);
    this.#tell();
  }

  /** Ends the watchdog; whoever is still watched is killed. */
  end(): void {
    this.#input?.end();
  }

  #tell(): void {
    if (this.#input?.writable) this.#input.write(`${[...this.#pids].join(" ")}\n`);
  }
}

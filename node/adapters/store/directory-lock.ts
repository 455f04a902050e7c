import { closeSync, linkSync, openSync, readFileSync, renameSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { StorageError } from "./storage-error.ts";

/**
 * Keeps two nodes out of one folder: a file that names the process that holds it. A lock of a process that is no more is taken over.
 * Throws a `StorageError` for people if the folder is taken.
 */
export class DirectoryLock {
  readonly #path: string;

  constructor(folder: string) {
    this.#path = join(folder, "lock");
    const mine = describe(process.pid);
    if (writeNew(this.#path, mine)) return;
    const holder = readFileSync(this.#path, "utf8");
    if (isAlive(holder)) throw taken(folder, holder);
    this.#takeOver(folder, holder, mine);
  }

  release(): void {
    unlinkSync(this.#path);
  }

  /** Moves the dead process's lock away, and looks whether it was that one: another node may have been quicker. */
  #takeOver(folder: string, holder: string, mine: string): void {
    const aside = `${this.#path}.${process.pid}`;
    renameSync(this.#path, aside);
    const moved = readFileSync(aside, "utf8");
    if (moved !== holder) linkSync(aside, this.#path);
    unlinkSync(aside);
    if (moved !== holder || !writeNew(this.#path, mine)) throw taken(folder, moved);
  }
}

function taken(folder: string, holder: string): StorageError {
  const pid = holder.split(" ")[0];
  return new StorageError(`${folder} is in use by another node (process ${pid}); choose another --dir`);
}

/** False if there is a lock already. */
function writeNew(path: string, text: string): boolean {
  let fd: number;
  try {
    fd = openSync(path, "wx", 0o644);
  } catch (error) {
    if (isCode(error, "EEXIST")) return false;
    throw new StorageError(`${path} cannot be made: ${String(error)}`, { cause: error });
  }
  writeSync(fd, text);
  closeSync(fd);
  return true;
}

/** Process id and, where the system tells, when the process started: an id alone is given again to others. */
function describe(pid: number): string {
  return `${pid} ${startTicks(pid) ?? "?"}`;
}

function isAlive(holder: string): boolean {
  const pid = Number(holder.split(" ")[0]);
  // In a container every node is process 1, so a lock with this process's own id is one that a killed node left.
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return !isCode(error, "ESRCH");
  }
  return holder.endsWith(" ?") || describe(pid) === holder;
}

/** Field 22 of /proc/PID/stat; null where there is no such file. Source: proc_pid_stat(5). */
function startTicks(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the program's name, which may hold spaces and parentheses.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch (error) {
    if (isCode(error, "ENOENT") || isCode(error, "ESRCH") || isCode(error, "EACCES")) return null;
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

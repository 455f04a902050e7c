import { readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StorageError } from "./storage-error.ts";

/** SQLite's answer when somebody else holds the lock. Source: sqlite.org/rescode.html, SQLITE_BUSY. */
const SQLITE_BUSY = 5;

/**
 * Keeps two nodes out of one folder, in one system or in two containers that share a volume. The lock is the one that SQLite takes of the
 * kernel on an empty file, and not a file that names a process: in a container every node is process 1, and only the kernel frees a folder
 * at the moment when its holder is killed, with no stale lock that two starting nodes could both take over.
 */
export class DirectoryLock {
  readonly #database: DatabaseSync;

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Takes the folder, or says who holds it, in words. Throws a `StorageError` for people where there can be no lock. */
  static tryTake(folder: string): { readonly lock: DirectoryLock } | { readonly holder: string } {
    const path = join(folder, "lock.db");
    const holderPath = join(folder, "holder");
    let database: DatabaseSync;
    try {
      database = new DatabaseSync(path);
    } catch (error) {
      throw new StorageError(`${path} cannot be made: ${String(error)}`, { cause: error });
    }
    try {
      // Nothing is ever written, so there is nothing to roll back; a journal would only be another file.
      database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
      writeFileSync(holderPath, `process ${process.pid} on ${hostname()}`);
    } catch (error) {
      database.close();
      if (isBusy(error)) return { holder: readHolder(holderPath) };
      throw new StorageError(`${path} cannot be locked: ${String(error)}`, { cause: error });
    }
    return { lock: new DirectoryLock(database) };
  }

  /** The same, where another holder is an error. */
  static take(folder: string): DirectoryLock {
    const taken = DirectoryLock.tryTake(folder);
    if ("lock" in taken) return taken.lock;
    throw new StorageError(`${folder} is in use by another node (${taken.holder}); choose another --dir`);
  }

  /** The files stay: to unlink one that another node has just opened would give two nodes a lock each. */
  release(): void {
    this.#database.close();
  }
}

/** For people only, so it may be missing for a moment while the holder writes it. */
function readHolder(path: string): string {
  try {
    return readFileSync(path, "utf8") || "which has just started";
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "which has just started";
    throw error;
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY;
}

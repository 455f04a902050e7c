import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DirectoryLock } from "./adapters/store/directory-lock.ts";
import { StorageError } from "./adapters/store/storage-error.ts";
import type { NodeSettings } from "./config.ts";

/** A node's folder, locked: no other node can have it until the lock is released or its holder is gone. */
export interface HeldFolder {
  /** The node's. */
  readonly name: string;
  readonly path: string;
  readonly lock: DirectoryLock;
}

/** Settles which folder the node has and, with it, what it is called. Throws a `StorageError` for people. */
export function holdFolder({ name: given, port, dir, dirSlots }: NodeSettings): HeldFolder {
  if (dirSlots !== null) return holdSlot(given, dir ?? "data", dirSlots);
  const name = given ?? `node-${port === 0 ? process.pid : port}`;
  const path = dir ?? join("data", name);
  makeFolder(path);
  return { name, path, lock: DirectoryLock.take(path) };
}

/**
 * The first free one of node-1, node-2, ... in the folder. So replicas that share a volume and know nothing of each other sort themselves out,
 * and as many as there were before find the same folders, chains and keys.
 */
function holdSlot(given: string | null, dir: string, slotCount: number): HeldFolder {
  for (let slot = 1; slot <= slotCount; slot += 1) {
    const slotName = `node-${slot}`;
    const path = join(dir, slotName);
    makeFolder(path);
    const taken = DirectoryLock.tryTake(path);
    if ("lock" in taken) return { name: given ?? slotName, path, lock: taken.lock };
  }
  throw new StorageError(
    `all ${slotCount} folders of ${dir} are in use by other nodes; allow more with --dir-slots`,
  );
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw new StorageError(`the folder ${path} cannot be made: ${String(error)}`, { cause: error });
  }
}

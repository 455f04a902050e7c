import { existsSync, renameSync, rmSync, statSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { HEADER_BYTES } from "../../core/chain/header-bytes.ts";
import { type ChainName, openChainFile } from "./chain-file.ts";
import { headerChecksum, isWholeBody, isWholeHeader } from "./records.ts";
import type { SetAside } from "./set-aside.ts";
import { isStructureDamaged } from "./storage-error.ts";

/** No row is smaller, so that a file whose size is known has no more of them than this gives. */
const ROW_BYTES_MIN = 130;

/**
 * Makes a file anew from all that can still be read of one whose structure is damaged, and moves that one away. A crash at any moment leaves
 * the damaged file, or the new one. What could not be read comes again from peers.
 */
export function salvage(path: string, chain: ChainName, setAside: SetAside, reason: string): void {
  const beside = `${path}.salvage`;
  for (const leftover of [beside, `${beside}-wal`]) rmSync(leftover, { force: true });
  const fresh = openChainFile(beside, chain);
  const saved = copyReadable(path, fresh);
  fresh.close();
  setAside.moveFile(path, "chain", `${reason}; ${saved} blocks could be read and were kept`);
  finishSalvage(path);
}

/** The last step, also of a salvage that a crash interrupted between its last two. */
export function finishSalvage(path: string): void {
  const beside = `${path}.salvage`;
  if (!existsSync(path) && existsSync(beside)) renameSync(beside, path);
}

function copyReadable(path: string, fresh: DatabaseSync): number {
  let damaged: DatabaseSync;
  try {
    damaged = new DatabaseSync(path, { readOnly: true });
  } catch (error) {
    return readNothing(error);
  }
  try {
    return copyBlocks(damaged, fresh, statSync(path).size);
  } catch (error) {
    return readNothing(error);
  } finally {
    damaged.close();
  }
}

function readNothing(error: unknown): 0 {
  if (isStructureDamaged(error)) return 0;
  throw error;
}

function copyBlocks(damaged: DatabaseSync, fresh: DatabaseSync, sizeBytes: number): number {
  const readHeader = damaged.prepare("SELECT header, size, checksum FROM headers WHERE position = ?");
  const readBody = damaged.prepare("SELECT bytes, checksum FROM bodies WHERE position = ?");
  const addHeader = fresh.prepare("INSERT INTO headers VALUES (?, ?, ?, ?, ?)");
  const addBody = fresh.prepare("INSERT INTO bodies VALUES (?, ?, ?)");
  const last = lastPosition(damaged, Math.ceil(sizeBytes / ROW_BYTES_MIN));
  let saved = 0;
  fresh.exec("BEGIN");
  for (let position = 1; position <= last; position += 1) {
    const head = rowOf(readHeader, position);
    const body = rowOf(readBody, position);
    const bytes = isWholeBody(body?.bytes, body?.checksum) ? body?.bytes : null;
    const header = isWholeHeader(head?.header, head?.size, head?.checksum) ? head.header : null;
    if (bytes instanceof Uint8Array) {
      const own = bytes.subarray(0, HEADER_BYTES);
      addHeader.run(position, own, bytes.length, headerChecksum(own, bytes.length), 1);
      addBody.run(position, bytes, body?.checksum ?? 0);
      saved += 1;
    } else if (header !== null) {
      addHeader.run(position, header, head?.size ?? 0, head?.checksum ?? 0, 0);
    }
  }
  copyLedgers(damaged, fresh);
  fresh.exec("COMMIT");
  return saved;
}

/** As far as they can be reached; each carries the hash by which it is checked when it is used. */
function copyLedgers(damaged: DatabaseSync, fresh: DatabaseSync): void {
  const add = fresh.prepare("INSERT OR REPLACE INTO ledgers VALUES (?, ?, ?)");
  try {
    for (const { hash, height, bytes } of damaged
      .prepare("SELECT hash, height, bytes FROM ledgers")
      .iterate())
      add.run(hash ?? null, height ?? null, bytes ?? null);
  } catch (error) {
    if (!isStructureDamaged(error)) throw error;
  }
}

function lastPosition(damaged: DatabaseSync, atMost: number): number {
  const found = ["headers", "bodies"].map((table) => {
    try {
      return Number(damaged.prepare(`SELECT max(position) AS last FROM ${table}`).get()?.last ?? 0);
    } catch (error) {
      if (isStructureDamaged(error)) return atMost;
      throw error;
    }
  });
  return Math.max(...found);
}

/** The row at this position, as far as it can be reached. */
function rowOf(statement: StatementSync, position: number): ReturnType<StatementSync["get"]> {
  try {
    return statement.get(position);
  } catch (error) {
    if (isStructureDamaged(error)) return undefined;
    throw error;
  }
}

import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Hex } from "../../core/chain/types.ts";
import { isStructureDamaged, StorageError, writeFailure } from "./storage-error.ts";

/** In the header of the file: "FLAB". Source: sqlite.org/pragma.html, application_id. */
const APPLICATION_ID = 0x464c4142;

/** Of the tables below and what stands in them. Another layout gets another number. */
export const FORMAT_VERSION = 1;

/** Before SQLite, blocks stood in a file of this name. */
const FORMER_NAME = "blocks.dat";

/** Which chain a file belongs to. */
export interface ChainName {
  readonly genesisHash: Hex;
  /** For people. */
  readonly name: string;
}

/**
 * `headers`: what a start reads of every block; `checksum` is the CRC-32 of header and size, `has_body` 0 once the body was found damaged.
 * `bodies`: canonical bytes of whole blocks, apart from the headers so that a start need not page through them, and once more with the header,
 * so that either can be made from the other. `ledgers`: bytes of `core/state/ledger-bytes.ts`, which carry their own hash.
 */
const TABLES = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE headers (
    position INTEGER PRIMARY KEY, header BLOB NOT NULL, size INTEGER NOT NULL, checksum INTEGER NOT NULL, has_body INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE bodies (position INTEGER PRIMARY KEY, bytes BLOB NOT NULL, checksum INTEGER NOT NULL) STRICT;
  CREATE TABLE ledgers (hash TEXT PRIMARY KEY, height INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;
`;

export function chainPath(folder: string): string {
  return join(folder, "chain.db");
}

/**
 * Opens or makes the file of a chain. Throws a `StorageError` in words for people if it is of another format, chain or program, or cannot be
 * had; an error of SQLite's (`isStructureDamaged`) if it is damaged.
 *
 * Write-ahead log, not forced to the disk for each block: what is committed survives the end of the process at any moment, and the loss of power may
 * take the last moments, never more than that. Exclusive, because the folder is held by one node, and then SQLite shares no memory.
 */
export function openChainFile(path: string, chain: ChainName): DatabaseSync {
  const database = openFile(path);
  try {
    database.exec("PRAGMA locking_mode = EXCLUSIVE");
    const format = numberOf(database, "PRAGMA user_version");
    const application = numberOf(database, "PRAGMA application_id");
    const isNew =
      format === 0 && application === 0 && numberOf(database, "SELECT count(*) FROM sqlite_schema") === 0;
    // Before anything is written: it may be the file of somebody else.
    if (!isNew) checkFormat(path, application, format);
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    if (isNew) makeTables(database, path, chain);
    checkChain(database, path, chain);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Refuses a folder in which an older version kept its blocks in another way. */
export function refuseFormerFile(folder: string): void {
  const former = join(folder, FORMER_NAME);
  if (existsSync(former) && !existsSync(chainPath(folder)))
    throw new StorageError(
      `${former} is of an older version, which kept blocks in another way; move it away (blocks come again from peers) or choose another --dir`,
    );
}

function openFile(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path);
  } catch (error) {
    if (isStructureDamaged(error)) throw error;
    throw new StorageError(`${path} cannot be opened: ${String(error)}`, { cause: error });
  }
}

function makeTables(database: DatabaseSync, path: string, { genesisHash, name }: ChainName): void {
  try {
    database.exec(
      `BEGIN; PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${FORMAT_VERSION}; ${TABLES}`,
    );
    const add = database.prepare("INSERT INTO meta VALUES (?, ?)");
    add.run("genesis", genesisHash);
    add.run("chain", name);
    database.exec("COMMIT");
  } catch (error) {
    throw writeFailure(path, error);
  }
}

function checkFormat(path: string, application: number, format: number): void {
  if (application !== APPLICATION_ID) throw new StorageError(`${path} is the database of another program`);
  if (format !== FORMAT_VERSION)
    throw new StorageError(
      `${path} has format ${format}, and this version reads format ${FORMAT_VERSION} only; use the version that wrote it, or choose another --dir`,
    );
}

function checkChain(database: DatabaseSync, path: string, { genesisHash, name }: ChainName): void {
  const rows = database.prepare("SELECT key, value FROM meta").all();
  const meta = new Map(rows.map(({ key, value }) => [String(key), String(value)]));
  const found = meta.get("genesis");
  if (found !== genesisHash)
    throw new StorageError(
      `${path} belongs to another chain: ${meta.get("chain")} (genesis ${found}), here ${name} (${genesisHash}); choose another --dir or move it away`,
    );
}

function numberOf(database: DatabaseSync, sql: string): number {
  const [value] = Object.values(database.prepare(sql).get() ?? {});
  return Number(value);
}

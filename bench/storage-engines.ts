import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { crc32 } from "node:zlib";

/** A way to keep blocks, as far as the bench asks: records in order, and what stands first in each of them. */
export interface Engine {
  /** Returns, or resolves, when the engine promises that the records are kept. */
  append(records: readonly Uint8Array[]): void | Promise<void>;
  /** Reads the first 119 bytes of every record, as a start does; how many there are. */
  readHeads(): number | Promise<number>;
  close(): void | Promise<void>;
}

export const HEAD_BYTES = 119;

/** `null`: the package is not installed. */
export type OpenEngine = (folder: string) => Promise<Engine | null>;

export const ENGINES: ReadonlyMap<string, OpenEngine> = new Map([
  ["file", async (folder) => openFile(folder, false)],
  ["file-fdatasync", async (folder) => openFile(folder, true)],
  ["sqlite-normal", async (folder) => openSqlite(folder, "NORMAL")],
  ["sqlite-full", async (folder) => openSqlite(folder, "FULL")],
  ["classic-level", (folder) => openLevel(folder, false)],
  ["classic-level-sync", (folder) => openLevel(folder, true)],
]);

/** One append-only file of lengths, checksums and records. A start has to read all of it, because nothing says where records begin. */
function openFile(folder: string, isSynced: boolean): Engine {
  const path = join(folder, "blocks.dat");
  const fd = openSync(path, "a+");
  return {
    append: (records) => {
      const framed = records.flatMap((record) => [frameOf(record), record]);
      writeSync(fd, Buffer.concat(framed));
      if (isSynced) fdatasyncSync(fd);
    },
    readHeads: () => {
      const bytes = readFileSync(path);
      let count = 0;
      for (let at = 0; at < bytes.length; count++) {
        const length = bytes.readUInt32BE(at);
        if (crc32(bytes.subarray(at + 8, at + 8 + length)) !== bytes.readUInt32BE(at + 4))
          throw new Error(`record ${count} is damaged`);
        at += 8 + length;
      }
      return count;
    },
    close: () => closeSync(fd),
  };
}

function frameOf(record: Uint8Array): Buffer {
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(record.length, 0);
  frame.writeUInt32BE(crc32(record), 4);
  return frame;
}

function openSqlite(folder: string, synchronous: "NORMAL" | "FULL"): Engine {
  const database = new DatabaseSync(join(folder, "chain.db"));
  database.exec(`PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous};
    CREATE TABLE IF NOT EXISTS headers (position INTEGER PRIMARY KEY, header BLOB, checksum INTEGER);
    CREATE TABLE IF NOT EXISTS bodies (position INTEGER PRIMARY KEY, bytes BLOB, checksum INTEGER)`);
  const begin = database.prepare("BEGIN");
  const commit = database.prepare("COMMIT");
  const addHeader = database.prepare("INSERT INTO headers VALUES (NULL, ?, ?)");
  const addBody = database.prepare("INSERT INTO bodies VALUES (NULL, ?, ?)");
  const heads = database.prepare("SELECT header, checksum FROM headers ORDER BY position");
  return {
    append: (records) => {
      begin.run();
      for (const record of records) {
        const header = record.subarray(0, HEAD_BYTES);
        addHeader.run(header, crc32(header));
        addBody.run(record, crc32(record));
      }
      commit.run();
    },
    readHeads: () => {
      let count = 0;
      for (const { header, checksum } of heads.iterate()) {
        if (crc32(header as Uint8Array) !== checksum) throw new Error(`record ${count} is damaged`);
        count++;
      }
      return count;
    },
    close: () => database.close(),
  };
}

/** What is used of an `abstract-level` database. */
interface Level {
  open(): Promise<void>;
  batch(operations: readonly object[], options: { sync: boolean }): Promise<void>;
  values(range: object): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

async function openLevel(folder: string, sync: boolean): Promise<Engine | null> {
  const made = await importLevel();
  if (made === null) return null;
  const database = new made(join(folder, "level"), { keyEncoding: "utf8", valueEncoding: "view" });
  await database.open();
  let count = 0;
  const key = (table: string, position: number) => `${table}${String(position).padStart(9, "0")}`;
  return {
    append: (records) => {
      const operations = records.flatMap((record) => {
        count++;
        const head = record.subarray(0, HEAD_BYTES);
        return [
          { type: "put", key: key("h", count), value: head },
          { type: "put", key: key("b", count), value: record },
        ];
      });
      return database.batch(operations, { sync });
    },
    readHeads: async () => {
      let heads = 0;
      for await (const head of database.values({ gte: "h", lt: "i" }))
        heads += head.length === HEAD_BYTES ? 1 : 0;
      return heads;
    },
    close: () => database.close(),
  };
}

/** The package is no dependency: it is measured where somebody has installed it beside the others. */
async function importLevel(): Promise<(new (path: string, options: object) => Level) | null> {
  const name = process.env.CLASSIC_LEVEL ?? "classic-level";
  try {
    return (await import(name)).ClassicLevel;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND") return null;
    throw error;
  }
}

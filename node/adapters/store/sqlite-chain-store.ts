import { existsSync } from "node:fs";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import { encodeBlock } from "../../core/chain/block-bytes.ts";
import { decodeHeader, HEADER_BYTES } from "../../core/chain/header-bytes.ts";
import type { Hex } from "../../core/chain/types.ts";
import { blockOf } from "../../core/machine/wire.ts";
import type { BlockArchive } from "../../core/state/block-archive.ts";
import type { BlockEntry } from "../../core/state/block-entry.ts";
import { invariant } from "../../core/support/invariant.ts";
import type { ChainStore, StoredHeader } from "../../ports/chain-store.ts";
import { type ChainName, chainPath, openChainFile, refuseFormerFile } from "./chain-file.ts";
import { headerChecksum, isWholeBody, isWholeHeader } from "./records.ts";
import { finishSalvage, salvage } from "./salvage.ts";
import { type Damage, SetAside } from "./set-aside.ts";
import { isStructureDamaged, writeFailure } from "./storage-error.ts";

/** Kept ledgers: the newest may stand after a block that was reorganised away, and a start must not go back to genesis then. */
const LEDGERS_KEPT = 4;

/** A header as it is stored, and where. */
export interface PlacedHeader extends StoredHeader {
  readonly position: number;
}

/**
 * Blocks and ledgers in one file of SQLite's. A block is committed with one synchronous call, so it survives the end of the process at any
 * moment. Every record has a checksum; one that is damaged is told of, set aside, and as good as never stored.
 */
export class SqliteChainStore implements ChainStore, BlockArchive {
  readonly path: string;
  readonly #chain: ChainName;
  readonly #setAside: SetAside;
  #database: DatabaseSync;
  #sql: Statements;
  /** By index of a block in its tree: where it is stored; 0 where it is not. */
  #positions = new Uint32Array(1_024);
  #lastPosition = 0;
  /** Height descending. */
  #ledgerBlocks: Hex[];

  private constructor(path: string, chain: ChainName, database: DatabaseSync, setAside: SetAside) {
    this.path = path;
    this.#chain = chain;
    this.#setAside = setAside;
    this.#database = database;
    this.#sql = prepareAll(database);
    this.#ledgerBlocks = this.#sql.ledgers.all().map(({ hash }) => String(hash));
  }

  /**
   * Opens or makes the file in a folder that this process holds, or makes it anew if its structure is damaged. Throws a `StorageError` in words
   * for people if it is another chain's, of another format, or the disk fails.
   */
  static open(folder: string, chain: ChainName, report: (damage: Damage) => void): SqliteChainStore {
    const path = chainPath(folder);
    const setAside = new SetAside(folder, report);
    refuseFormerFile(folder);
    if (!existsSync(path)) finishSalvage(path);
    let database: DatabaseSync;
    try {
      database = openWhole(path, chain);
    } catch (error) {
      if (!isStructureDamaged(error)) throw error;
      salvage(path, chain, setAside, String(error));
      database = openWhole(path, chain);
    }
    return new SqliteChainStore(path, chain, database, setAside);
  }

  get ledgerBlocks(): readonly Hex[] {
    return this.#ledgerBlocks;
  }

  append(_view: number, block: BlockEntry): void {
    const bytes = encodeBlock(blockOf(block));
    const header = bytes.subarray(0, HEADER_BYTES);
    const known = this.#positionOf(block);
    const position = known === 0 ? this.#lastPosition + 1 : known;
    this.#write(() => {
      this.#sql.putHeader.run(position, header, bytes.length, headerChecksum(header, bytes.length), 1);
      this.#sql.putBody.run(position, bytes, crc32(bytes));
    });
    this.place(block, position);
  }

  /** What a start reads: the stored headers in the order of storing. Damaged ones are mended from their bodies, or set aside. */
  *headers(): Generator<PlacedHeader> {
    const damaged: number[] = [];
    for (const row of this.#sql.headers.iterate()) {
      const { position, header, size, checksum, has_body: hasBody } = row;
      this.#lastPosition = Number(position);
      const whole = isWholeHeader(header, size, checksum) ? decodeHeader(header) : null;
      if (whole === null || whole.fault !== null) damaged.push(Number(position));
      else
        yield {
          header: whole.value,
          sizeBytes: Number(size),
          hasBody: hasBody === 1,
          position: Number(position),
        };
    }
    for (const position of damaged) {
      const mended = this.#mendHeader(position);
      if (mended !== null) yield mended;
    }
  }

  /** The block is the one that is stored there. */
  place(block: BlockEntry, position: number): void {
    if (block.index >= this.#positions.length) {
      const larger = new Uint32Array(2 * block.index);
      larger.set(this.#positions);
      this.#positions = larger;
    }
    this.#positions[block.index] = position;
    this.#lastPosition = Math.max(this.#lastPosition, position);
  }

  blockBytes(block: BlockEntry): Uint8Array | null {
    const row = this.#bodyRow(this.#positionOf(block));
    const bytes = row?.bytes;
    if (isWholeBody(bytes, row?.checksum)) return bytes;
    const reason = row === undefined ? "it cannot be read" : "its bytes do not have their checksum";
    this.#loseBody(block, reason, bytes);
    return null;
  }

  setAside(block: BlockEntry, reason: string): void {
    this.#loseBody(block, reason, this.#bodyRow(this.#positionOf(block))?.bytes);
  }

  keepLedger(block: BlockEntry, bytes: Uint8Array): void {
    const { hash, header } = block;
    const kept = [hash, ...this.#ledgerBlocks.filter((other) => other !== hash)];
    this.#write(() => {
      this.#sql.putLedger.run(hash, header.height, bytes);
      for (const old of kept.slice(LEDGERS_KEPT)) this.#sql.dropLedger.run(old);
    });
    this.#ledgerBlocks = kept.slice(0, LEDGERS_KEPT);
  }

  ledgerBytes(hash: Hex): Uint8Array | null {
    const bytes = this.#read(() => this.#sql.ledger.get(hash))?.bytes;
    if (bytes instanceof Uint8Array) return bytes;
    this.setLedgerAside(hash, "it cannot be read");
    return null;
  }

  setLedgerAside(hash: Hex, reason: string): void {
    const bytes = this.#read(() => this.#sql.ledger.get(hash))?.bytes;
    const kept = bytes instanceof Uint8Array ? bytes : null;
    this.#setAside.keep({ what: "ledger", hash, reason }, `ledger-${hash}`, kept);
    this.dropLedger(hash);
  }

  dropLedger(hash: Hex): void {
    this.#write(() => this.#sql.dropLedger.run(hash));
    this.#ledgerBlocks = this.#ledgerBlocks.filter((other) => other !== hash);
  }

  close(): void {
    this.#database.close();
  }

  #positionOf(block: BlockEntry): number {
    return this.#positions[block.index] ?? 0;
  }

  /** Undefined where there is none, or none that can be reached. */
  #bodyRow(position: number): ReturnType<StatementSync["get"]> {
    return this.#read(() => this.#sql.body.get(position));
  }

  #loseBody(block: BlockEntry, reason: string, bytes: unknown): void {
    const { hash } = block;
    const position = this.#positionOf(block);
    invariant(position > 0, `block ${hash} was never stored`);
    const kept = bytes instanceof Uint8Array ? bytes : null;
    this.#setAside.keep({ what: "block", hash, reason }, `block-${hash}`, kept);
    this.#write(() => this.#sql.loseBody.run(position));
  }

  /** The header of a damaged record from the whole block, if that is as it was written; the record is written again then. */
  #mendHeader(position: number): PlacedHeader | null {
    const row = this.#read(() => this.#sql.header.get(position));
    const body = this.#bodyRow(position);
    const bytes = isWholeBody(body?.bytes, body?.checksum) ? (body?.bytes as Uint8Array) : null;
    const keptHeader = row?.header;
    const header = bytes?.subarray(0, HEADER_BYTES) ?? null;
    const decoded = header === null ? null : decodeHeader(header);
    const reason = `the header at position ${position} does not have its checksum; ${header === null ? "its block is damaged too" : "it was mended from its block"}`;
    const kept = keptHeader instanceof Uint8Array ? keptHeader : null;
    this.#setAside.keep({ what: "header", hash: null, reason }, `header-${position}`, kept);
    if (bytes === null || header === null || decoded === null || decoded.fault !== null) {
      this.#write(() => this.#sql.dropHeader.run(position));
      return null;
    }
    const sizeBytes = bytes.length;
    this.#write(() =>
      this.#sql.putHeader.run(position, header, sizeBytes, headerChecksum(header, sizeBytes), 1),
    );
    return { header: decoded.value, sizeBytes, hasBody: true, position };
  }

  #read<Row>(look: () => Row): Row {
    try {
      return look();
    } catch (error) {
      this.#mend(error);
      return look();
    }
  }

  /** All of it or nothing. */
  #write(change: () => void): void {
    try {
      this.#commit(change);
    } catch (error) {
      if (!isStructureDamaged(error)) throw writeFailure(this.path, error);
      this.#mend(error);
      this.#writeAgain(change);
    }
  }

  #writeAgain(change: () => void): void {
    try {
      this.#commit(change);
    } catch (error) {
      throw writeFailure(this.path, error);
    }
  }

  #commit(change: () => void): void {
    this.#sql.begin.run();
    change();
    this.#sql.commit.run();
  }

  /** Makes a file whose structure is damaged anew; what could not be read is found missing later, and fetched again. */
  #mend(error: unknown): void {
    if (!isStructureDamaged(error)) throw error;
    this.#database.close();
    salvage(this.path, this.#chain, this.#setAside, String(error));
    this.#database = openWhole(this.path, this.#chain);
    this.#sql = prepareAll(this.#database);
    this.#ledgerBlocks = this.#sql.ledgers.all().map(({ hash }) => String(hash));
  }
}

type Statements = ReturnType<typeof prepareAll>;

function prepareAll(database: DatabaseSync) {
  return {
    begin: database.prepare("BEGIN IMMEDIATE"),
    commit: database.prepare("COMMIT"),
    headers: database.prepare(
      "SELECT position, header, size, checksum, has_body FROM headers ORDER BY position",
    ),
    header: database.prepare("SELECT header FROM headers WHERE position = ?"),
    putHeader: database.prepare("INSERT OR REPLACE INTO headers VALUES (?, ?, ?, ?, ?)"),
    dropHeader: database.prepare("DELETE FROM headers WHERE position = ?"),
    body: database.prepare("SELECT bytes, checksum FROM bodies WHERE position = ?"),
    putBody: database.prepare("INSERT OR REPLACE INTO bodies VALUES (?, ?, ?)"),
    loseBody: database.prepare("UPDATE headers SET has_body = 0 WHERE position = ?"),
    ledgers: database.prepare("SELECT hash FROM ledgers ORDER BY height DESC"),
    ledger: database.prepare("SELECT bytes FROM ledgers WHERE hash = ?"),
    putLedger: database.prepare("INSERT OR REPLACE INTO ledgers VALUES (?, ?, ?)"),
    dropLedger: database.prepare("DELETE FROM ledgers WHERE hash = ?"),
  };
}

/** Opens a file and looks at everything that a start reads, so that damage to its structure shows now and not half-way. */
function openWhole(path: string, chain: ChainName): DatabaseSync {
  const database = openChainFile(path, chain);
  try {
    database.prepare("SELECT sum(length(header)) FROM headers").get();
    database.prepare("SELECT hash FROM ledgers").all();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

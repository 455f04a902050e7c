/** The disk failed or holds what it should not: a node that cannot store can acknowledge nothing, so this ends it. */
export class StorageError extends Error {
  override readonly name = "StorageError";
}

/** Primary result codes of SQLite. Source: sqlite.org/rescode.html. */
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_NOTADB = 26;

/** SQLite's primary result code of an error; null for any other error. */
function resultCode(error: unknown): number | null {
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number"
    ? error.errcode & 0xff
    : null;
}

/** The structure of the database is damaged, not only what a record holds. */
export function isStructureDamaged(error: unknown): boolean {
  const code = resultCode(error);
  return code === SQLITE_CORRUPT || code === SQLITE_NOTADB;
}

/** Why something cannot be written, and what to do, in words for the operator. */
export function writeFailure(path: string, error: unknown): StorageError {
  const reason =
    resultCode(error) === SQLITE_FULL
      ? "the disk is full. Nothing that this node has acknowledged is lost: make room and start it again"
      : `${String(error)}. Nothing that this node has acknowledged is lost`;
  return new StorageError(`${path} cannot be written: ${reason}`, { cause: error });
}

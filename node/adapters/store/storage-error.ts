/** The disk failed or holds what it should not: a node that cannot store can acknowledge nothing, so this ends it. */
export class StorageError extends Error {
  override readonly name = "StorageError";
}

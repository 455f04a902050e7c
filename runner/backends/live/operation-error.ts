/** What a node, or the system under it, did not do, in words. Of operation, not ours: caught by whoever asked. */
export class OperationError extends Error {
  override readonly name: string = "OperationError";
}

import type { IncomingMessage } from "node:http";
import getRawBody from "raw-body";

export type ReadBody =
  | { readonly ok: true; readonly bytes: Buffer }
  | { readonly ok: false; readonly code: "body-too-large" | "bad-request"; readonly reason: string };

/** A request's body as it is, or why it could not be had. What is left of one that is too large is not read. */
export async function readBody(request: IncomingMessage, bytesMax: number): Promise<ReadBody> {
  try {
    const length = request.headers["content-length"] ?? null;
    return { ok: true, bytes: await getRawBody(request, { length, limit: bytesMax }) };
  } catch (error) {
    const type = error instanceof Error && "type" in error ? error.type : null;
    if (type === "entity.too.large")
      return { ok: false, code: "body-too-large", reason: `more than ${bytesMax} bytes` };
    return { ok: false, code: "bad-request", reason: `the body could not be read: ${String(type ?? error)}` };
  }
}

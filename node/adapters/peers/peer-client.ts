import { Pool } from "undici";

/** How long a peer may take to take in a batch, ms. A paused peer is given up after this, and found again by the next hello. */
export const POST_TIMEOUT_MS = 10_000;

/** How long a peer may take to answer a hello, ms. */
export const HELLO_TIMEOUT_MS = 5_000;

/** Bytes of an answer: a hello or an error, never more than a page of JSON. */
const ANSWER_BYTES_MAX = 64 * 1024;

/** A status and the JSON of the body, undefined where there is none; or why there was no answer. */
export type PeerAnswer =
  | { readonly ok: true; readonly status: number; readonly body: unknown }
  | { readonly ok: false; readonly reason: string };

/**
 * Requests to one peer, over connections that are kept. Bounded in time and size; redirects are not followed, so that a
 * peer's address leads to that peer and nowhere else.
 */
export class PeerClient {
  readonly #pool: Pool;

  constructor(origin: string) {
    this.#pool = new Pool(origin, {
      // One for the messages, whose order one connection keeps, and one for a hello beside them.
      connections: 2,
      pipelining: 1,
      connect: { timeout: HELLO_TIMEOUT_MS },
      maxResponseSize: ANSWER_BYTES_MAX,
      // Shorter than the server keeps a connection, so that no request meets one that is being closed.
      keepAliveTimeout: 30_000,
      keepAliveMaxTimeout: 30_000,
    });
  }

  postJson(path: string, value: unknown): Promise<PeerAnswer> {
    return this.#post(path, { "content-type": "application/json" }, JSON.stringify(value), HELLO_TIMEOUT_MS);
  }

  postBytes(path: string, session: string, bytes: Uint8Array): Promise<PeerAnswer> {
    const headers = { "content-type": "application/octet-stream", "x-forklab-session": session };
    return this.#post(path, headers, bytes, POST_TIMEOUT_MS);
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  async #post(
    path: string,
    headers: Record<string, string>,
    body: string | Uint8Array,
    timeoutMs: number,
  ): Promise<PeerAnswer> {
    try {
      const answer = await this.#pool.request({
        method: "POST",
        path,
        headers,
        body,
        // undici's own timers are half a second coarse.
        signal: AbortSignal.timeout(timeoutMs),
      });
      const text = await answer.body.text();
      return { ok: true, status: answer.statusCode, body: text === "" ? undefined : JSON.parse(text) };
    } catch (error) {
      return { ok: false, reason: describe(error) };
    }
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return "no answer in time";
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}

/** Why an answer is no consent, in words; null for status 200. Says what the peer said, where it said it. */
export function refusalText(answer: PeerAnswer): string | null {
  if (!answer.ok) return answer.reason;
  if (answer.status === 200) return null;
  const { body } = answer;
  const error = typeof body === "object" && body !== null && "error" in body ? body.error : null;
  const message = typeof error === "object" && error !== null && "message" in error ? error.message : null;
  return typeof message === "string" ? message : `status ${answer.status}`;
}

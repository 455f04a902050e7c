import type { Dispatcher, Pool } from "undici";
import { decodeTipText, type TipView } from "../../core/machine/tip-text.ts";
import type { CallGuard } from "../../schemas/call-guard.ts";
import { parseJson } from "../../schemas/decode.ts";
import { makePool } from "./make-pool.ts";

/** How long a peer may take to take in a batch, ms. A paused peer is given up after this, and found again by the next hello. */
export const POST_TIMEOUT_MS = 10_000;

/** How long a peer may take to answer a hello, ms. */
export const HELLO_TIMEOUT_MS = 5_000;

/** Bytes of an answer: a hello or an error, never more than a page of JSON. */
const ANSWER_BYTES_MAX = 64 * 1024;

/** With an answer, where the peer's chain ends. */
const TIP_HEADER = "x-forklab-tip";

/** A status, the JSON of the body, undefined where there is none, and the tip if the peer told it; or why there was no answer. */
export type PeerAnswer =
  | { readonly ok: true; readonly status: number; readonly body: unknown; readonly tip?: TipView | null }
  | { readonly ok: false; readonly reason: string };

/**
 * Requests to one peer, over connections that are kept. Bounded in time and size; redirects are not followed, so that a
 * peer's address leads to that peer and nowhere else.
 */
export class PeerClient {
  readonly #pool: Pool;

  /** Without a guard it is called wherever it is. */
  constructor(origin: string, guard: CallGuard | null) {
    this.#pool = makePool(origin, {
      // One for the messages, whose order one connection keeps, and one for a hello beside them.
      connections: 2,
      pipelining: 1,
      connect: { timeout: HELLO_TIMEOUT_MS, ...(guard === null ? {} : { lookup: guard.lookup }) },
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
    // undici's own timers are half a second coarse, which is good enough for seconds, and cost next to nothing.
    const timeouts = { headersTimeout: timeoutMs, bodyTimeout: timeoutMs };
    return await new Promise((resolve) => {
      const gather = new GatheredAnswer(resolve);
      this.#pool.dispatch({ method: "POST", path, headers, body, ...timeouts }, gather);
    });
  }
}

/**
 * Gathers one answer. Below `request`, which makes a stream, a signal and a promise or two for each: messages are small and many, and most answers
 * are empty.
 */
class GatheredAnswer implements Dispatcher.DispatchHandler {
  readonly #settle: (answer: PeerAnswer) => void;
  readonly #chunks: Buffer[] = [];
  #status = 0;
  #tip: TipView | null = null;

  constructor(settle: (answer: PeerAnswer) => void) {
    this.#settle = settle;
  }

  onRequestStart(): void {
    // Nothing to do until there is an answer.
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    this.#status = status;
    const tip = headers[TIP_HEADER];
    this.#tip = typeof tip === "string" ? decodeTipText(tip) : null;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const text = Buffer.concat(this.#chunks).toString("utf8");
    const body = text === "" ? { ok: true as const, value: undefined } : parseJson(text);
    if (body.ok) this.#settle({ ok: true, status: this.#status, body: body.value, tip: this.#tip });
    else this.#settle({ ok: false, reason: `an answer that is not JSON: ${body.fault}` });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#settle({ ok: false, reason: describe(error) });
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "HeadersTimeoutError" || error.name === "BodyTimeoutError") return "no answer in time";
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}

/** Whether the one who answered is the one who asked. */
export function isSelf(answer: PeerAnswer): boolean {
  return answer.ok && answer.status !== 200 && errorField(answer.body, "code") === "self";
}

/** Why an answer is no consent, in words; null for status 200. Says what the peer said, where it said it. */
export function refusalText(answer: PeerAnswer): string | null {
  if (!answer.ok) return answer.reason;
  if (answer.status === 200) return null;
  return errorField(answer.body, "message") ?? `status ${answer.status}`;
}

function errorField(body: unknown, field: "code" | "message"): string | null {
  const error = typeof body === "object" && body !== null && "error" in body ? body.error : null;
  if (typeof error !== "object" || error === null) return null;
  const value: unknown = Object.entries(error).find(([name]) => name === field)?.[1];
  return typeof value === "string" ? value : null;
}

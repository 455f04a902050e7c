import { request } from "undici";
import * as z from "zod";
import { transactionToJson } from "../core/chain/transaction-json.ts";
import type { Hex, Transaction } from "../core/chain/types.ts";
import { coins, decodeJson, decodeValue, hex } from "../schemas/decode.ts";
import { EXIT_NO_NODE, EXIT_REFUSED, EXIT_UNKNOWN, WalletError } from "./wallet-error.ts";

/** A node answers within milliseconds; one that is busy starting takes some seconds. */
const TIMEOUT_MS = 10_000;

/** Of an answer: a thousand entries of a history are some 400 kB. */
const BODY_BYTES_MAX = 4_000_000;

const statusSchema = z.object({ name: z.string(), genesis: hex(32), height: z.int() });
const entrySchema = z.object({
  id: hex(32),
  height: z.int(),
  timeMs: z.int(),
  kind: z.string(),
  role: z.string(),
  other: hex(32).nullable(),
  amount: coins().nullable(),
  fee: coins(),
});
const accountSchema = z.object({
  account: hex(32),
  balance: coins(),
  nextSequence: z.int().min(0),
  nextToSubmit: z.int().min(0),
  asOf: hex(32),
  history: z
    .object({
      count: z.int(),
      fromHeight: z.int(),
      entries: z.array(entrySchema),
      next: z.string().nullable(),
    })
    .nullable(),
});
const acceptedSchema = z.object({ id: hex(32) });
const errorSchema = z.object({
  error: z.object({
    code: z.string(),
    definite: z.boolean(),
    message: z.string(),
    details: z.record(z.string(), z.unknown()).default({}),
  }),
});

export type AccountJson = z.infer<typeof accountSchema>;
export type HistoryEntry = z.infer<typeof entrySchema>;

/** What a wallet asks of a node. Everything rejects with a `WalletError`, in words for people. */
export class NodeClient {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  status(): Promise<z.infer<typeof statusSchema>> {
    return this.#read("/status", statusSchema);
  }

  /** `count` newest entries of its history, 1 to 1000, before the position that a page before gave as `next`. */
  account(key: Hex, count: number, before: string | null = null): Promise<AccountJson> {
    const position = before === null ? "" : `&before=${encodeURIComponent(before)}`;
    return this.#read(`/accounts/${key}?limit=${count}${position}`, accountSchema);
  }

  /** Hands a transaction in; `id` is what it must come back with. */
  async submit(tx: Transaction, id: Hex): Promise<void> {
    const answer = await this.#request("/transactions", JSON.stringify(transactionToJson(tx)));
    if ("failure" in answer) {
      if (answer.definite) throw new WalletError(answer.failure, EXIT_NO_NODE);
      const advice = "To send the same one again does no harm: it is taken once at most.";
      throw new WalletError(
        `${answer.failure}\nThe transaction ${id} may have been taken. ${advice}`,
        EXIT_UNKNOWN,
      );
    }
    if (answer.status !== 202) throw refusalOf(answer, this.url);
    const accepted = decodeJson(acceptedSchema, answer.text);
    if (!accepted.ok || accepted.value.id !== id)
      throw new WalletError(
        `${this.url} took the transaction ${id} for another one: ${answer.text}`,
        EXIT_UNKNOWN,
      );
  }

  async #read<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    const answer = await this.#request(path, null);
    if ("failure" in answer) throw new WalletError(answer.failure, EXIT_NO_NODE);
    if (answer.status !== 200) throw refusalOf(answer, this.url);
    const decoded = decodeJson(schema, answer.text);
    if (decoded.ok) return decoded.value;
    throw new WalletError(
      `what answers at ${this.url} is no node of this version: ${decoded.fault}`,
      EXIT_NO_NODE,
    );
  }

  /** `body` null: it only asks. Not by `fetch`, which refuses ports that browsers are afraid of. */
  async #request(path: string, body: string | null): Promise<RawAnswer | NoAnswer> {
    try {
      const answer = await request(this.url + path, {
        method: body === null ? "GET" : "POST",
        headers: body === null ? {} : { "content-type": "application/json" },
        body,
        // A command ends when it was answered, and an open connection would keep it.
        reset: true,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      return { status: answer.statusCode, text: await boundedText(answer.body) };
    } catch (error) {
      return noAnswer(this.url, error);
    }
  }
}

interface RawAnswer {
  readonly status: number;
  readonly text: string;
}

/** `definite`: nothing can have arrived. */
interface NoAnswer {
  readonly failure: string;
  readonly definite: boolean;
}

async function boundedText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw new RangeError(`an answer of more than ${BODY_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Codes of connections that were never made, which carried nothing. */
const NEVER_CONNECTED = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"];

function noAnswer(url: string, error: unknown): NoAnswer {
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  if (NEVER_CONNECTED.includes(code)) {
    const port = new URL(url).port || "80";
    const advice = `Start one with npm run node -- --port ${port}, or name another with --node`;
    return { failure: `no node answers at ${url} (${code}). ${advice}`, definite: true };
  }
  const isLate = error instanceof Error && error.name === "TimeoutError";
  const reason = isLate
    ? `nothing within ${TIMEOUT_MS / 1_000} s`
    : error instanceof Error
      ? error.message
      : error;
  return { failure: `the node at ${url} did not answer: ${reason}`, definite: false };
}

function refusalOf(
  { status, text }: { readonly status: number; readonly text: string },
  url: string,
): WalletError {
  const decoded = decodeJson(errorSchema, text);
  if (!decoded.ok) return new WalletError(`what answers at ${url} is no node: HTTP ${status}`, EXIT_NO_NODE);
  const { code, definite, message, details } = decoded.value.error;
  const cover = decodeValue(z.object({ balance: coins(), cost: coins() }), details);
  const reason =
    code === "no-cover" && cover.ok
      ? `amount and fee are ${cover.value.cost}, and the balance is ${cover.value.balance}`
      : `${message}${Object.keys(details).length === 0 ? "" : ` ${JSON.stringify(details)}`}`;
  return new WalletError(
    `the node at ${url} refused: ${code}: ${reason}`,
    definite ? EXIT_REFUSED : EXIT_UNKNOWN,
  );
}

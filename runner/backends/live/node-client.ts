import { type Dispatcher, Pool } from "undici";
import * as z from "zod";
import type { Hex, Transaction } from "../../../node/core/chain/types.ts";
import type { LinkMeasure, LinkMeasured } from "../../../node/ports/peer-directory.ts";
import { IN_FLIGHT_MAX } from "../../load/load-runner.ts";
import type { SubmitAnswer } from "../backend.ts";
import type { LinkPatch } from "./link-plan.ts";
import { OperationError } from "./operation-error.ts";

/** Sockets to one node: as many as the load may have open, the stream of events, and some for control, so that a full load never delays a fault. */
const CONNECTIONS_MAX = IN_FLIGHT_MAX + 8;

/** A node answers control within milliseconds; beyond this it is not in a state to be trusted with a fault. */
const CONTROL_TIMEOUT_MS = 3_000;

/** A node answers once the peer has: up to five seconds for a try, while all nodes of the run greet each other on as few cores as there are. */
const LINK_TIMEOUT_MS = 20_000;

/** A transaction takes a node a millisecond. What takes this long is as good as lost, and is settled as unknown. */
const SUBMIT_TIMEOUT_MS = 4_000;

/** Of an answer: a status, a list of peers, the largest block. */
const BODY_BYTES_MAX = 100_000_000;

const decimal = z
  .string()
  .regex(/^\d+$/)
  .transform((text) => BigInt(text));
const hash = z.string().regex(/^[0-9a-f]{64}$/);

const statusSchema = z.object({
  height: z.int().min(0),
  tip: hash,
  coins: decimal,
  coinsExpected: decimal,
});
export type NodeStatus = z.output<typeof statusSchema>;

const peersSchema = z.object({
  peers: z.array(z.object({ name: z.string().nullable(), up: z.boolean() })),
});
const probeSchema = z.object({
  reached: z.boolean(),
  roundTripMs: z.number().nullable(),
  oneWayMs: z.number().nullable(),
});
export type LinkProbe = z.output<typeof probeSchema>;

const measureSchema = z.object({
  sent: z.boolean(),
  oneWayMs: z.number().nullable(),
  spacingMs: z.number().nullable(),
  spacingBytes: z.number().nullable(),
});

const accountSchema = z.object({ nextToSubmit: z.int().min(0) });
const errorSchema = z.object({
  error: z.object({ code: z.string(), definite: z.boolean(), message: z.string() }),
});

const blockSchema = z.object({
  hash,
  parentHash: hash,
  height: z.int().min(0),
  timeMs: z.number(),
  miner: hash,
  work: decimal,
  sizeBytes: z.int(),
  /** The coinbase first. */
  transactions: z.array(z.object({ id: hash })),
});
export type FetchedBlock = z.output<typeof blockSchema>;

/** Why a node did not do what it was asked. */
export class NodeRequestError extends OperationError {
  override readonly name = "NodeRequestError";
}

/** What the runner asks of one node over HTTP. All but `submit` and `askSequence` throw a `NodeRequestError` when the node does not do it. */
export class NodeClient {
  readonly #pool: Pool;
  readonly #authorization: string;

  constructor(url: string, controlToken: string) {
    this.#pool = new Pool(url, {
      connections: CONNECTIONS_MAX,
      pipelining: 1,
      bodyTimeout: 0,
      headersTimeout: 0,
    });
    this.#authorization = `Bearer ${controlToken}`;
  }

  async status(): Promise<NodeStatus> {
    return await this.#ask(statusSchema, "GET", "/status");
  }

  async addPeer(url: string): Promise<void> {
    await this.#ask(z.unknown(), "POST", "/peers", { url }, LINK_TIMEOUT_MS);
  }

  /** Names of the peers with which there is a link in both directions. */
  async peersUp(): Promise<string[]> {
    const { peers } = await this.#ask(peersSchema, "GET", "/peers");
    return peers.flatMap(({ name, up }) => (up && name !== null ? [name] : []));
  }

  async putLinks(change: LinkPatch): Promise<void> {
    await this.#ask(z.unknown(), "PUT", "/control/links", change);
  }

  async putMining(hashesPerSec: number): Promise<void> {
    const mode = hashesPerSec > 0 ? "continuous" : "off";
    await this.#ask(z.unknown(), "PUT", "/control/mining", { mode, hashesPerSec });
  }

  /** Sends a message over the shaped link to a peer and waits this long for what comes of it. */
  async probe(peer: string, deadlineMs: number): Promise<LinkProbe> {
    const timeoutMs = deadlineMs + CONTROL_TIMEOUT_MS;
    return await this.#ask(probeSchema, "POST", "/control/probe", { peer, deadlineMs }, timeoutMs);
  }

  /** Sends one or two messages over the shaped link to a peer, with draws that are chosen, and tells when they came. */
  async measure(peer: string, request: LinkMeasure): Promise<LinkMeasured> {
    const timeoutMs = request.waitMs + request.deadlineMs + CONTROL_TIMEOUT_MS;
    return await this.#ask(measureSchema, "POST", "/control/measure", { peer, ...request }, timeoutMs);
  }

  async block(blockHash: Hex): Promise<FetchedBlock> {
    return await this.#ask(blockSchema, "GET", `/blocks/${blockHash}`);
  }

  /** The stream of events after the one with this id; "0" is before the first. The body never ends by itself. */
  async events(afterId: string, signal: AbortSignal): Promise<Dispatcher.ResponseData["body"]> {
    const headers = { accept: "text/event-stream", "last-event-id": afterId };
    const answer = await this.#pool.request({ method: "GET", path: "/events", headers, signal });
    if (answer.statusCode === 200) return answer.body;
    await answer.body.dump();
    throw new NodeRequestError(`GET /events answered ${answer.statusCode}`);
  }

  /** Never rejects: whatever happens is an answer. */
  async submit(tx: Transaction): Promise<SubmitAnswer> {
    try {
      const answer = await this.#request("POST", "/transactions", tx, SUBMIT_TIMEOUT_MS);
      if (answer.statusCode === 202) return { outcome: "accepted", code: "" };
      const refusal = errorSchema.safeParse(answer.body);
      if (!refusal.success) return { outcome: "unknown", code: `http-${answer.statusCode}` };
      const { code, definite } = refusal.data.error;
      return { outcome: definite ? "refused" : "unknown", code };
    } catch (error) {
      // A connection that was never made carried nothing.
      const refused = error instanceof Error && "code" in error && error.code === "ECONNREFUSED";
      return refused
        ? { outcome: "refused", code: "node-unreachable" }
        : { outcome: "unknown", code: "no-answer" };
    }
  }

  /** Null when the node does not say. */
  async askSequence(account: Hex): Promise<number | null> {
    try {
      return (await this.#ask(accountSchema, "GET", `/accounts/${account}`)).nextToSubmit;
    } catch (error) {
      if (error instanceof NodeRequestError) return null;
      throw error;
    }
  }

  /** Breaks off what is under way. */
  async destroy(): Promise<void> {
    await this.#pool.destroy();
  }

  async #ask<T>(
    schema: z.ZodType<T>,
    method: "GET" | "PUT" | "POST",
    path: string,
    body?: unknown,
    timeoutMs = CONTROL_TIMEOUT_MS,
  ): Promise<T> {
    const { statusCode, body: answer } = await this.#request(method, path, body, timeoutMs).catch(
      (error: unknown) => {
        throw new NodeRequestError(`${method} ${path}: ${describeError(error)}`, { cause: error });
      },
    );
    if (statusCode >= 300) {
      const refusal = errorSchema.safeParse(answer);
      const why = refusal.success ? `${refusal.data.error.code}: ${refusal.data.error.message}` : "";
      throw new NodeRequestError(`${method} ${path} answered ${statusCode} ${why}`.trimEnd());
    }
    const decoded = schema.safeParse(answer);
    if (decoded.success) return decoded.data;
    throw new NodeRequestError(
      `${method} ${path} answered something else: ${z.prettifyError(decoded.error)}`,
    );
  }

  async #request(
    method: "GET" | "PUT" | "POST",
    path: string,
    body: unknown,
    timeoutMs: number,
  ): Promise<{ statusCode: number; body: unknown }> {
    const answer = await this.#pool.request({
      method,
      path,
      headers: { authorization: this.#authorization, "content-type": "application/json" },
      body: body === undefined ? null : JSON.stringify(body, bigintsAsText),
      // undici's own timeouts tick every half second.
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await boundedText(answer.body);
    return { statusCode: answer.statusCode, body: parseJson(text) };
  }
}

/** JSON of what may hold bigints: as decimal strings. */
export function bigintsAsText(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

async function boundedText(body: Dispatcher.ResponseData["body"]): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw new NodeRequestError(`an answer of more than ${BODY_BYTES_MAX} bytes`);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: the schema of whoever asked refuses it, with the status code.
    return undefined;
  }
}

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.name === "TimeoutError" ? "no answer in time" : error.message;
}

import type { BlockList } from "node:net";
import { decodeNodeEntries, entryOrigin, type NodeEntry } from "../../core/discovery/node-entry.ts";
import type { Answer, Ask } from "../../core/discovery/refresh.ts";
import { CallGuard } from "../../schemas/call-guard.ts";
import { parseJson } from "../../schemas/decode.ts";
import { makeClient, requestFrom } from "./make-client.ts";

/** How long a node or registry may take to answer, ms: a busy laptop's second, twice. */
const ASK_TIMEOUT_MS = 2_000;

/** Bytes of an answer: as many entries as are taken, each with a long host name. */
const ANSWER_BYTES_MAX = 256 * 1024;

/** Entries of one answer that are looked at, at most: the list of the largest registry. */
const ANSWER_COUNT_MAX = 1_024;

export interface DiscoveryClientSettings {
  /** This node's own entry, which it shows when it asks others; null for a registry, which shows none. */
  readonly own: NodeEntry | null;
  /** Shown by this process's own answers. */
  readonly instance: string;
  /** Nothing outside is ever called, whatever others tell of. */
  readonly networks: BlockList;
  /** The registry was named by an operator: it is called wherever it is. */
  readonly registry: NodeEntry | null;
}

type RawAnswer =
  | { readonly ok: true; readonly instance: unknown; readonly body: unknown }
  | { readonly ok: false; readonly reason: string };

/** Asks nodes and registries over plain HTTP: bounded in time and size, no redirects, and never outside of the networks that are allowed. */
export class DiscoveryClient {
  readonly #settings: DiscoveryClientSettings;
  readonly #guard: CallGuard;
  readonly #closing = new AbortController();

  constructor(settings: DiscoveryClientSettings) {
    this.#settings = settings;
    this.#guard = new CallGuard(settings.networks, null);
  }

  /** Never rejects. */
  async ask({ kind, target }: Ask): Promise<Answer> {
    const { own, instance } = this.#settings;
    const path = kind === "nodes" ? "/nodes/" : "/";
    const answer = await this.#request(target, path, kind === "nodes" ? null : own);
    if (!answer.ok) return { kind: "failed", reason: answer.reason };
    if (answer.instance === instance) return { kind: "self" };
    if (kind !== "nodes") {
      const isObject = typeof answer.body === "object" && answer.body !== null;
      return isObject ? { kind: "alive" } : { kind: "failed", reason: "an answer that is no node's" };
    }
    const nodes = decodeNodeEntries(answer.body, ANSWER_COUNT_MAX);
    return nodes === null
      ? { kind: "failed", reason: "an answer that is no list" }
      : { kind: "nodes", nodes };
  }

  /** Ends what is under way. */
  close(): void {
    this.#closing.abort();
  }

  /** POST with the entry, or GET without one. */
  async #request(target: NodeEntry, path: string, entry: NodeEntry | null): Promise<RawAnswer> {
    const origin = entryOrigin(target);
    const { registry } = this.#settings;
    const isFree = registry !== null && entryOrigin(registry) === origin;
    const refusal = isFree ? null : this.#guard.refusalOf(target.ip_address);
    if (refusal !== null) return { ok: false, reason: refusal };
    const client = makeClient(origin, {
      pipelining: 1,
      connect: { timeout: ASK_TIMEOUT_MS, ...(isFree ? {} : { lookup: this.#guard.lookup }) },
      maxResponseSize: ANSWER_BYTES_MAX,
    });
    try {
      const answer = await requestFrom(client, {
        method: entry === null ? "GET" : "POST",
        path,
        headers: { accept: "application/json", "content-type": "application/json" },
        body: entry === null ? null : JSON.stringify(entry),
        signal: AbortSignal.any([AbortSignal.timeout(ASK_TIMEOUT_MS), this.#closing.signal]),
      });
      const text = await answer.body.text();
      if (answer.statusCode !== 200) return { ok: false, reason: `status ${answer.statusCode}` };
      const parsed = parseJson(text);
      if (!parsed.ok) return { ok: false, reason: parsed.fault };
      return { ok: true, instance: answer.headers["x-forklab-instance"], body: parsed.value };
    } catch (error) {
      return { ok: false, reason: describe(error) };
    } finally {
      void client.destroy();
    }
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return "no answer in time";
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}

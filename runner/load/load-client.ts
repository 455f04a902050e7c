import { Agent } from "undici";
import * as z from "zod";
import type { Hex, Transaction } from "../../node/core/chain/types.ts";
import type { SubmitAnswer } from "../backends/backend.ts";

/** A node answers within milliseconds; what takes this long is as good as lost. undici's own timeouts tick every half second. */
const TIMEOUT_MS = 4_000;

/** Sockets to one node. */
const CONNECTIONS_MAX = 16;

/** Of an answer: the longest is a registry's list of some thousand nodes. */
const BODY_BYTES_MAX = 1_000_000;

const statusSchema = z.object({ genesis: z.string().regex(/^[0-9a-f]{64}$/) });
const accountSchema = z.object({ nextToSubmit: z.int().min(0) });
const errorSchema = z.object({ error: z.object({ code: z.string(), definite: z.boolean() }) });
const entriesSchema = z.array(z.object({ ip_address: z.string(), port: z.int().min(1).max(65_535) }));

/** What the load asks of nodes and of a registry, by their addresses. Nothing here rejects: whoever does not answer gives null. */
export class LoadClient {
  readonly #agent = new Agent({ connections: CONNECTIONS_MAX, pipelining: 1 });

  async submit(nodeUrl: string, tx: Transaction): Promise<SubmitAnswer> {
    const body = JSON.stringify(tx, (_key, value) => (typeof value === "bigint" ? value.toString() : value));
    const answer = await this.#request(`${nodeUrl}/transactions`, body);
    if (answer.status === null)
      // A connection that was never made carried nothing.
      return answer.code === "ECONNREFUSED"
        ? { outcome: "refused", code: "node-unreachable" }
        : { outcome: "unknown", code: "no-answer" };
    if (answer.status === 202) return { outcome: "accepted", code: "" };
    const refusal = errorSchema.safeParse(answer.json);
    if (!refusal.success) return { outcome: "unknown", code: `http-${answer.status}` };
    const { code, definite } = refusal.data.error;
    return { outcome: definite ? "refused" : "unknown", code };
  }

  /** The sequence number of the account's next transaction, after what waits in the node's mempool. */
  async nextSequence(nodeUrl: string, account: Hex): Promise<number | null> {
    return (await this.#read(`${nodeUrl}/accounts/${account}`, accountSchema))?.nextToSubmit ?? null;
  }

  async genesisOf(nodeUrl: string): Promise<Hex | null> {
    return (await this.#read(`${nodeUrl}/status`, statusSchema))?.genesis ?? null;
  }

  /** Addresses of the nodes that a registry knows. */
  async nodesOf(registryUrl: string): Promise<string[] | null> {
    const entries = await this.#read(`${registryUrl}/nodes/`, entriesSchema);
    return (
      entries?.map(({ ip_address: ip, port }) => `http://${ip.includes(":") ? `[${ip}]` : ip}:${port}`) ??
      null
    );
  }

  async #read<T>(url: string, schema: z.ZodType<T>): Promise<T | null> {
    const answer = await this.#request(url, null);
    if (answer.status !== 200) return null;
    const decoded = schema.safeParse(answer.json);
    return decoded.success ? decoded.data : null;
  }

  /** `status` is null when nothing came back that can be read, and `code` is then the system's, if it had one. */
  async #request(
    url: string,
    body: string | null,
  ): Promise<{ status: number; json: unknown } | { status: null; code: string }> {
    try {
      const { origin, pathname } = new URL(url);
      const answer = await this.#agent.request({
        origin,
        path: pathname,
        method: body === null ? "GET" : "POST",
        headers: body === null ? {} : { "content-type": "application/json" },
        body,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const chunks: Buffer[] = [];
      let bytes = 0;
      for await (const chunk of answer.body) {
        bytes += chunk.length;
        if (bytes > BODY_BYTES_MAX) return { status: null, code: "body-too-large" };
        chunks.push(chunk);
      }
      const text = Buffer.concat(chunks).toString("utf8");
      return { status: answer.statusCode, json: text === "" ? null : JSON.parse(text) };
    } catch (error) {
      return { status: null, code: error instanceof Error && "code" in error ? String(error.code) : "" };
    }
  }
}

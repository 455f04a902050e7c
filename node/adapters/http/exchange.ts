import type { IncomingMessage, ServerResponse } from "node:http";
import { parse } from "node:querystring";
import { readBody } from "./read-body.ts";
import { type Refusal, refusal } from "./reply.ts";

/** Items of a query: no route has as many, and who repeats one a thousand times is not heard out. */
export const QUERY_COUNT_MAX = 16;

export type BodyBytes =
  | { readonly ok: true; readonly bytes: Buffer }
  | { readonly ok: false; readonly refusal: Refusal };

const CLOSE = { connection: "close" };

/** One request and its answer, whether it came through the framework or past it. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** As the path gave them, decoded from percent signs. */
  readonly params: Readonly<Record<string, string>>;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    params: Readonly<Record<string, string>> = {},
  ) {
    this.request = request;
    this.response = response;
    this.params = params;
  }

  get remoteAddress(): string {
    return this.request.socket.remoteAddress ?? "";
  }

  /** A header that comes once; empty if it does not come. */
  header(name: string): string {
    const text = this.request.headers[name];
    return typeof text === "string" ? text : "";
  }

  /** What stands behind the question mark of the address, if anything. */
  get search(): string {
    const url = this.request.url ?? "";
    const at = url.indexOf("?");
    return at < 0 ? "" : url.slice(at + 1);
  }

  /** Every value is text, or a list where a key is repeated; null: there are too many. */
  query(): Readonly<Record<string, unknown>> | null {
    const { search } = this;
    if (search === "") return {};
    const items = parse(search, "&", "=", { maxKeys: QUERY_COUNT_MAX + 1 });
    const count = Object.values(items).reduce<number>((sum, item) => sum + [item].flat().length, 0);
    return count > QUERY_COUNT_MAX ? null : { ...items };
  }

  get isJson(): boolean {
    const [type = ""] = this.header("content-type").split(";", 1);
    return type.trim().toLowerCase() === "application/json";
  }

  get hasBody(): boolean {
    const { headers } = this.request;
    return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
  }

  /** The body as it is, or why it could not be had. What is left of one that is too large is not read. */
  async bytes(bytesMax: number): Promise<BodyBytes> {
    const body = await readBody(this.request, bytesMax);
    if (body.ok) return body;
    const { code, reason } = body;
    return {
      ok: false,
      refusal: refusal(code, reason, code === "body-too-large" ? { bytesMax } : {}, CLOSE),
    };
  }
}

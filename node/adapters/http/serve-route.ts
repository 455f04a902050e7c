import type * as z from "zod";
import { decodeValue } from "../../schemas/decode.ts";
import { parseStrictJson } from "../../schemas/strict-json.ts";
import type { Exchange } from "./exchange.ts";
import { type Reply, refusal } from "./reply.ts";
import { type Asked, bodyKindOf, type Route } from "./route.ts";

/** Bytes of a JSON body: a transaction with the longest text a rule allows, every character of it escaped. */
export const JSON_BYTES_MAX = 64 * 1024;

/** Bytes of a body of no stated type: one entry of a registry, with the longest host name and a wasteful layout. */
const LENIENT_BYTES_MAX = 4 * 1024;

/** Decodes what a request asks, has the route answer it, or says why not. */
export async function serveRoute<C>(route: Route<C>, exchange: Exchange, context: C): Promise<Reply> {
  const params = decoded(route.params, exchange.params);
  if (!params.ok) return params.refusal;
  const query = queryOf(route, exchange);
  if (!query.ok) return query.refusal;
  const body = await bodyOf(route, exchange, context);
  if (!body.ok) return body.refusal;
  const asked: Asked<unknown, unknown, unknown> = {
    params: params.value,
    query: query.value,
    body: body.value,
    exchange,
  };
  return await route.handle(asked, context);
}

type Part = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly refusal: Reply };

const NOTHING: Part = { ok: true, value: undefined };

function queryOf(route: Route<never>, exchange: Exchange): Part {
  if (route.query === undefined) return NOTHING;
  const query = exchange.query();
  return query === null
    ? { ok: false, refusal: refusal("bad-request", "too many items in the query") }
    : decoded(route.query, query);
}

async function bodyOf<C>(route: Route<C>, exchange: Exchange, context: C): Promise<Part> {
  const kind = bodyKindOf(route);
  if (kind === null || kind === "bytes") return NOTHING;
  if (kind === "lenient") {
    const body = await exchange.bytes(LENIENT_BYTES_MAX);
    if (!body.ok) return body;
    const parsed = parseStrictJson(body.bytes);
    return { ok: true, value: parsed.ok ? parsed.value : undefined };
  }
  if (kind === "json-or-none" && !exchange.hasBody) return decoded(route.body, {});
  if (kind !== "any-json" && !exchange.isJson) return { ok: false, refusal: refusal("not-json") };
  const body = await exchange.bytes(route.bodyBytesMax?.(context) ?? JSON_BYTES_MAX);
  if (!body.ok) return body;
  const parsed = parseStrictJson(body.bytes);
  if (!parsed.ok) return { ok: false, refusal: refusal("bad-request", parsed.fault) };
  const outcome = decoded(route.body, parsed.value);
  const unfit = outcome.ok ? null : (route.unfit?.(parsed.value) ?? null);
  return unfit === null ? outcome : { ok: false, refusal: unfit };
}

function decoded(schema: z.ZodType | undefined, value: unknown): Part {
  if (schema === undefined) return NOTHING;
  const outcome = decodeValue(schema, value);
  return outcome.ok ? outcome : { ok: false, refusal: refusal("bad-request", outcome.fault) };
}

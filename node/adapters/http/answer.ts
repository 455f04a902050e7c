import type { Context } from "koa";
import getRawBody from "raw-body";
import type * as z from "zod";
import { decodeValue, parseJson } from "../../schemas/decode.ts";
import { ERRORS, type ErrorCode, errorBody } from "./error-table.ts";

/** Bytes of a JSON body: a transaction with the longest text a rule allows, every character of it escaped. */
export const JSON_BYTES_MAX = 64 * 1024;

/** Ends a request with an error of the table. */
export function refuse(
  ctx: Context,
  code: ErrorCode,
  message: string = ERRORS[code].meaning,
  details: Readonly<Record<string, unknown>> = {},
): null {
  ctx.status = ERRORS[code].status;
  ctx.body = errorBody(code, message, details);
  return null;
}

/** The body as JSON, or null when the request was refused. Content types other than JSON are, which keeps other origins' forms out. */
export async function readJson(
  ctx: Context,
  bytesMax: number = JSON_BYTES_MAX,
): Promise<{ value: unknown } | null> {
  if (!ctx.is("application/json")) return refuse(ctx, "not-json");
  const bytes = await readBytes(ctx, bytesMax);
  if (bytes === null) return null;
  const parsed = parseJson(bytes.toString("utf8"));
  return parsed.ok ? { value: parsed.value } : refuse(ctx, "bad-request", parsed.fault);
}

/** The body against a schema, or null when the request was refused. */
export async function readBody<T>(ctx: Context, schema: z.ZodType<T>): Promise<T | null> {
  const json = await readJson(ctx);
  return json === null ? null : decodeOrRefuse(ctx, schema, json.value);
}

/** The query against a schema, or null when the request was refused. Every value is text, or a list where a key is repeated. */
export function readQuery<T>(ctx: Context, schema: z.ZodType<T>): T | null {
  return decodeOrRefuse(ctx, schema, { ...ctx.query });
}

/** The body as it is, or null when the request was refused. */
export async function readBytes(ctx: Context, bytesMax: number): Promise<Buffer | null> {
  try {
    return await getRawBody(ctx.req, { length: ctx.req.headers["content-length"] ?? null, limit: bytesMax });
  } catch (error) {
    const type = error instanceof Error && "type" in error ? error.type : null;
    if (type === "entity.too.large")
      return refuse(ctx, "body-too-large", `more than ${bytesMax} bytes`, { bytesMax });
    return refuse(ctx, "bad-request", `the body could not be read: ${String(type ?? error)}`);
  }
}

function decodeOrRefuse<T>(ctx: Context, schema: z.ZodType<T>, value: unknown): T | null {
  const decoded = decodeValue(schema, value);
  return decoded.ok ? decoded.value : refuse(ctx, "bad-request", decoded.fault);
}

import * as z from "zod";

/** What decoding a value from outside gives: the value, or in words where it is wrong and how. */
export type DecodedValue<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly fault: string };

/** Checks a value against a schema; the first problem is the fault, with the path to it. */
export function decodeValue<T>(schema: z.ZodType<T>, value: unknown): DecodedValue<T> {
  const result = schema.safeParse(value);
  if (result.success) return { ok: true, value: result.data };
  const [issue] = result.error.issues;
  if (issue === undefined) return { ok: false, fault: "not what is expected" };
  const path = issue.path.map(String).join(".");
  return { ok: false, fault: path === "" ? issue.message : `${path}: ${issue.message}` };
}

/** The same of a text that should be JSON. */
export function decodeJson<T>(schema: z.ZodType<T>, text: string): DecodedValue<T> {
  const parsed = parseJson(text);
  return parsed.ok ? decodeValue(schema, parsed.value) : parsed;
}

export function parseJson(text: string): DecodedValue<unknown> {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    return { ok: false, fault: `not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** Lower-case hex of a number of bytes. */
export const hex = (byteCount: number) =>
  z.string().regex(new RegExp(`^[0-9a-f]{${byteCount * 2}}$`), {
    error: `${byteCount} bytes of lower-case hex expected`,
  });

/** Coins: 0 to 2^64 - 1 as a decimal string, since JSON numbers lose what is above 2^53. */
export const coins = () =>
  z
    .string({ error: "an amount as a decimal string expected" })
    .regex(/^(0|[1-9]\d{0,19})$/, { error: "an amount as a decimal string expected" })
    .transform((text) => BigInt(text))
    .refine((amount) => amount <= 2n ** 64n - 1n, { error: "an amount of at most 2^64 - 1 expected" });

/** An http or https address without credentials, query or path, as its origin. */
export const peerUrl = () =>
  z
    .string()
    .max(PEER_URL_LENGTH_MAX)
    .transform((text, context) => {
      const origin = peerOrigin(text);
      if (origin !== null) return origin;
      context.addIssue({ code: "custom", message: "an address such as http://127.0.0.1:4001 expected" });
      return z.NEVER;
    });

/** A host name is 253 characters at most. */
const PEER_URL_LENGTH_MAX = 300;

/** The origin of an address that a peer may have; null if it is not one: other schemes, credentials, a path. */
export function peerOrigin(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") return null;
  if (
    url.username !== "" ||
    url.password !== "" ||
    url.pathname !== "/" ||
    url.search !== "" ||
    url.hash !== ""
  )
    return null;
  return url.origin;
}

/** A node's name: it names random streams, folders and metrics, so it stays plain. */
export const nodeName = () =>
  z
    .string()
    .regex(NODE_NAME, { error: "a name of 1 to 64 letters, digits, dots, dashes or underscores expected" });

export const NODE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

import type * as z from "zod";
import type { ErrorCode } from "./error-table.ts";
import type { Exchange } from "./exchange.ts";
import type { Reply } from "./reply.ts";

export type Method = "GET" | "POST" | "PUT" | "DELETE";

/** `open`: anyone, within a rate. `peer`: other nodes, with bounds of their own. `control`: the operator, with the token. */
export type Access = "open" | "peer" | "control";

/** Parts of the API, as docs/api.md has them. */
export type Section = "node" | "chain" | "peers" | "control" | "discovery" | "board" | "coin" | "bets";

/**
 * `json`: must be there and say that it is JSON. `json-or-none`: no body is an empty object. `any-json`: must be JSON, whatever its type is called.
 * `lenient`: the same, and what is none is undefined. `bytes`: the route reads it.
 */
export type BodyKind = "json" | "json-or-none" | "any-json" | "lenient" | "bytes";

/** What a request asked, decoded. */
export interface Asked<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly exchange: Exchange;
}

/** One route, as it is written down: router, checks, docs/api.md and the OpenAPI document are made from it. */
export interface RouteSpec<C, P, Q, B, A> {
  readonly method: Method;
  /** Parameters as `:name`. */
  readonly path: string;
  readonly section: Section;
  readonly access?: Access;
  /** Markdown, in sentences. */
  readonly text: string;
  readonly params?: z.ZodType<P>;
  readonly query?: z.ZodType<Q>;
  readonly body?: z.ZodType<B>;
  /** Left out: `json` where there is a body. */
  readonly bodyKind?: BodyKind;
  /** Left out: what a transaction takes (`serve-route.ts`). */
  readonly bodyBytesMax?: (context: C) => number;
  /** What is said, in the words of the system that the route is taken over from, to JSON that is not of the body's shape; null: what others say. */
  readonly unfit?: (body: unknown) => Reply<A> | null;
  /** Of success; 200 if left out. */
  readonly status?: number;
  /** Of success, as JSON; null: no JSON. */
  readonly answer: z.ZodType<A> | null;
  /** Other media types that success may have. */
  readonly types?: readonly string[];
  /** Answers with other statuses than success, in the words of the system that the route is taken over from. */
  readonly others?: Readonly<Record<number, string>>;
  /** Pages of any origin may ask. */
  readonly isCrossOrigin?: boolean;
  /** Served past the framework (`route-door.ts`): only where the path has no parameter, or one at its end. */
  readonly isBusy?: boolean;
  /** Beyond those that follow from the rest. */
  readonly errors?: readonly ErrorCode[];
  handle(asked: Asked<P, Q, B>, context: C): Reply<A> | Promise<Reply<A>>;
}

/** A route among others: what it decodes is its own affair. */
export type Route<C> = RouteSpec<C, unknown, unknown, unknown, unknown>;

/** Holds a route to its own schemas; `C` is what it is served from. */
export function route<C, P = unknown, Q = unknown, B = unknown, A = unknown>(
  spec: RouteSpec<C, P, Q, B, A>,
): Route<C> {
  return spec;
}

export function accessOf(spec: Route<never>): Access {
  return spec.access ?? "open";
}

/** Null: the route takes no body. */
export function bodyKindOf(spec: Route<never>): BodyKind | null {
  return spec.bodyKind ?? (spec.body === undefined ? null : "json");
}

/** Every code with which a request to the route may be refused, in no particular order. */
export function errorsOf(spec: Route<never>): ErrorCode[] {
  const codes = new Set<ErrorCode>(spec.errors ?? []);
  const kind = bodyKindOf(spec);
  const isTyped = kind === "json" || kind === "json-or-none";
  const isDecoded = isTyped || kind === "any-json";
  if (spec.params !== undefined || spec.query !== undefined || isDecoded) codes.add("bad-request");
  if (kind !== null) codes.add("body-too-large");
  if (isTyped) codes.add("not-json");
  if (spec.method !== "GET" && spec.isCrossOrigin !== true) codes.add("foreign-origin");
  if (accessOf(spec) === "control")
    for (const code of ["control-disabled", "control-not-local", "bad-token"] as const) codes.add(code);
  if (accessOf(spec) !== "peer") codes.add("too-many-requests");
  codes.add("internal");
  return [...codes];
}

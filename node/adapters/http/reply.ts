import type { ErrorCode } from "./error-table.ts";

export type ReplyHeaders = Readonly<Record<string, string>>;

/** What a route has to say; how it goes out `deliver.ts` decides. `A` is the shape that the route promises. */
export type Reply<A = unknown> = ValueReply<A> | BytesReply | Refusal | { readonly kind: "taken" };

export interface ValueReply<A> {
  readonly kind: "value";
  readonly value: A;
  /** Left out: what the route states for success. */
  readonly status?: number;
  readonly headers?: ReplyHeaders;
}

/** An answer whose bytes are there already. */
export interface BytesReply {
  readonly kind: "bytes";
  readonly body: Buffer;
  readonly status?: number;
  /** Left out: JSON. */
  readonly type?: string;
  /** Weak, since the same answer goes out compressed and plain. */
  readonly etag?: string;
  /** The same bytes compressed, where somebody keeps them. */
  readonly gzipped?: () => Promise<Buffer>;
  readonly headers?: ReplyHeaders;
}

export interface Refusal {
  readonly kind: "refusal";
  readonly code: ErrorCode;
  /** Left out: the meaning that the table gives. */
  readonly message?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly headers?: ReplyHeaders;
}

export function value<A>(answer: A, headers: ReplyHeaders = {}): ValueReply<A> {
  return { kind: "value", value: answer, headers };
}

/** Plain text, in whatever words; 200 if no status is given. */
export function text(words: string, status = 200): BytesReply {
  return { kind: "bytes", body: Buffer.from(words), type: "text/plain; charset=utf-8", status };
}

export function refusal(
  code: ErrorCode,
  message?: string,
  details: Readonly<Record<string, unknown>> = {},
  headers: ReplyHeaders = {},
): Refusal {
  return { kind: "refusal", code, ...(message === undefined ? {} : { message }), details, headers };
}

/** The route writes the answer itself, piece by piece. */
export const TAKEN = { kind: "taken" } as const;

import * as z from "zod";
import type { RunEvent } from "../../record/run-event.ts";

/** What a node tells of itself; `atUs` counts from the Unix epoch. */
export type NodeEvent = z.output<typeof nodeEventSchema>;

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const atUs = z.number();
const count = z.int().min(0);
const measured = z.number().nullable().default(null);

const nodeEventSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("block-mined"),
    atUs,
    hash,
    parentHash: hash,
    height: count,
    timeMs: z.number(),
    work: z
      .string()
      .regex(/^\d+$/)
      .transform((text) => BigInt(text)),
    sizeBytes: count,
    transactionIds: z.array(hash),
  }),
  z.object({ type: z.literal("block-received"), atUs, hash }),
  z.object({ type: z.literal("block-refused"), atUs, hash, code: z.string() }),
  z.object({
    type: z.literal("tip-changed"),
    atUs,
    hash,
    previousHash: hash,
    height: count,
    disconnected: count,
    connected: count,
  }),
  z.object({
    type: z.literal("node-sampled"),
    atUs,
    height: measured,
    tipHash: hash.nullable().default(null),
    mempoolCount: measured,
    mempoolBytes: measured,
    peerCount: measured,
    hashesPerSecAsked: measured,
    hashesPerSecAchieved: measured,
    eventLoopLagMsP99: measured,
    eventLoopLagCounts: z.array(z.tuple([count, count])).default([]),
    residentBytes: measured,
    cpuRatio: measured,
    sentMessages: measured,
    sentBytes: measured,
  }),
]);

/** Words that a run's journal has no use for. */
const IGNORED: ReadonlySet<string> = new Set(["transaction-accepted"]);

/** `ignored`: a kind of event that the journal has no use for. */
export type DecodedEvent =
  | { readonly kind: "event"; readonly event: NodeEvent }
  | { readonly kind: "gap" | "ignored" }
  | { readonly kind: "malformed"; readonly reason: string };

/** Decodes one event of a node's stream. The type stands in the stream's `event:` line or in the data. */
export function decodeNodeEvent(type: string, data: string): DecodedEvent {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch (error) {
    return { kind: "malformed", reason: `not JSON: ${String(error)}` };
  }
  const named = typeof value === "object" && value !== null ? { type, ...value } : value;
  const name = typeof named === "object" && named !== null && "type" in named ? String(named.type) : type;
  if (name === "gap") return { kind: "gap" };
  if (IGNORED.has(name)) return { kind: "ignored" };
  const decoded = nodeEventSchema.safeParse(named);
  if (decoded.success) return { kind: "event", event: decoded.data };
  return { kind: "malformed", reason: `${name}: ${z.prettifyError(decoded.error)}` };
}

/** The node's event as one of the run's: whose it is, and when on the run's clock. A sample's lags go the way of `EventLoopWatch`. */
export function toRunEvent(event: NodeEvent, node: number, startEpochUs: number): RunEvent {
  if (event.type === "node-sampled") {
    const { eventLoopLagCounts: _, ...sample } = event;
    return { ...sample, atUs: Math.round(event.atUs - startEpochUs), node };
  }
  return { ...event, atUs: Math.round(event.atUs - startEpochUs), node };
}

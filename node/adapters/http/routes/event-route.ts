import * as z from "zod";
import { EVENT_STREAM, serveReader } from "../event-reader.ts";
import type { NodeContext } from "../node-context.ts";
import { refusal, TAKEN, value } from "../reply.ts";
import { route } from "../route.ts";

/** Readers at once: a runner, a few pages, a person. */
const READERS_COUNT_MAX = 16;

const id = () =>
  z
    .string()
    .regex(/^\d{1,16}$/, { error: "an event id expected" })
    .transform(Number);

/** Server-sent events. */
export const eventsRoute = route({
  method: "GET",
  path: "/events",
  section: "node",
  text: "Server-sent events, [below](#events).",
  query: z.strictObject({ from: id().optional() }),
  answer: null,
  types: [EVENT_STREAM],
  errors: ["too-many-readers"],
  handle: ({ query, exchange }, node: NodeContext) => {
    const { readers } = node;
    if (exchange.request.method === "HEAD")
      return value(undefined as never, { "content-type": EVENT_STREAM });
    const lastEventId = id().safeParse(exchange.header("last-event-id"));
    // What the browser got last is newer than what the address says.
    const afterId = (lastEventId.success ? lastEventId.data : query.from) ?? node.feed.lastId;
    if (readers.size >= READERS_COUNT_MAX) return refusal("too-many-readers");
    serveReader(exchange.response, node, afterId);
    return TAKEN;
  },
});

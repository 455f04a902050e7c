import type { ServerResponse } from "node:http";
import * as z from "zod";
import type { FeedEntry } from "../../../ports/event-feed.ts";
import type { NodeContext } from "../node-context.ts";
import { refusal, TAKEN, value } from "../reply.ts";
import { route } from "../route.ts";

/** Readers at once: a runner, a few pages, a person. */
const READERS_COUNT_MAX = 16;

/** Bytes that may wait for a reader; a slower one is cut off and comes back with the last id that it got. */
const WAITING_BYTES_MAX = 4 * 1024 * 1024;

/** A comment now and then, so that a reader that is gone is noticed. */
const COMMENT_INTERVAL_MS = 15_000;

/** Comments during which a reader may take nothing of what waits for it; then its end of the connection is taken for dead. */
const STUCK_COMMENTS_MAX = 3;

const EVENT_STREAM = "text/event-stream";

const id = () =>
  z
    .string()
    .regex(/^\d{1,15}$/, { error: "an event id expected" })
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

function serveReader(response: ServerResponse, { feed, readers }: NodeContext, afterId: number): void {
  response.writeHead(200, {
    "content-type": EVENT_STREAM,
    "cache-control": "no-store",
    connection: "keep-alive",
  });
  response.write(": forklab events\n\n");
  const write = (text: string) => {
    response.write(text);
    if (response.writableLength > WAITING_BYTES_MAX) response.destroy();
  };
  const unsubscribe = feed.subscribe(afterId, {
    events: (entries) => write(entries.map(eventText).join("")),
    gap: (fromId, toId) => write(`event: gap\ndata: ${JSON.stringify({ type: "gap", fromId, toId })}\n\n`),
  });
  let stuckCount = 0;
  let isDrained = true;
  response.on("drain", () => {
    isDrained = true;
  });
  const timer = setInterval(() => {
    stuckCount = isDrained || response.writableLength === 0 ? 0 : stuckCount + 1;
    isDrained = response.writableLength === 0;
    if (stuckCount >= STUCK_COMMENTS_MAX) response.destroy();
    else write(":\n\n");
  }, COMMENT_INTERVAL_MS);
  const end = () => {
    clearInterval(timer);
    unsubscribe();
    readers.delete(end);
    response.end();
  };
  readers.add(end);
  response.on("close", end);
}

function eventText({ id, type, json }: FeedEntry): string {
  return `id: ${id}\nevent: ${type}\ndata: ${json}\n\n`;
}

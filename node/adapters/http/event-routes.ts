import type Router from "@koa/router";
import * as z from "zod";
import type { FeedEntry } from "../../ports/event-feed.ts";
import { readQuery, refuse } from "./answer.ts";
import type { NodeContext } from "./node-context.ts";

/** Readers at once: a runner, a few pages, a person. */
const READERS_COUNT_MAX = 16;

/** Bytes that may wait for a reader; a slower one is cut off and comes back with the last id that it got. */
const WAITING_BYTES_MAX = 4 * 1024 * 1024;

/** A comment now and then, so that a reader that is gone is noticed. */
const COMMENT_INTERVAL_MS = 15_000;

const id = () =>
  z
    .string()
    .regex(/^\d{1,15}$/, { error: "an event id expected" })
    .transform(Number);
const eventsQuery = z.strictObject({ from: id().optional() });

/** Server-sent events. Returns what ends all readers. */
export function addEventRoutes(router: Router, node: NodeContext): () => void {
  const readers = new Set<() => void>();

  router.get("/events", (ctx) => {
    const query = readQuery(ctx, eventsQuery);
    if (query === null) return;
    const lastEventId = id().safeParse(ctx.get("last-event-id"));
    // What the browser got last is newer than what the address says.
    const afterId = (lastEventId.success ? lastEventId.data : query.from) ?? node.feed.lastId;
    if (readers.size >= READERS_COUNT_MAX) return void refuse(ctx, "too-many-readers");
    const { res } = ctx;
    ctx.respond = false;
    res.writeHead(200, {
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      connection: "keep-alive",
    });
    res.write(": forklab events\n\n");
    const write = (text: string) => {
      res.write(text);
      if (res.writableLength > WAITING_BYTES_MAX) res.destroy();
    };
    const unsubscribe = node.feed.subscribe(afterId, {
      event: (entry: FeedEntry) => write(`id: ${entry.id}\nevent: ${entry.type}\ndata: ${entry.json}\n\n`),
      gap: (fromId, toId) => write(`event: gap\ndata: ${JSON.stringify({ type: "gap", fromId, toId })}\n\n`),
    });
    const timer = setInterval(() => write(":\n\n"), COMMENT_INTERVAL_MS);
    const end = () => {
      clearInterval(timer);
      unsubscribe();
      readers.delete(end);
      res.end();
    };
    readers.add(end);
    res.on("close", end);
  });

  return () => {
    for (const end of readers) end();
  };
}

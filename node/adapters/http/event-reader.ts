import type { ServerResponse } from "node:http";
import type { EventFeed, FeedEntry } from "../../ports/event-feed.ts";

export const EVENT_STREAM = "text/event-stream";

/** How long, and with how much, a reader of events is waited for. */
export interface ReaderLimits {
  /** Bytes that may wait for a reader; a slower one is cut off and comes back with the last id that it got. */
  readonly waitingBytesMax: number;
  /** A comment now and then, so that a reader that is gone is noticed. */
  readonly commentIntervalMs: number;
  /** Comments during which a reader may take nothing of what waits for it; then its end of the connection is taken for dead. */
  readonly stuckCommentsMax: number;
}

export const READER_LIMITS: ReaderLimits = {
  waitingBytesMax: 4 * 1024 * 1024,
  commentIntervalMs: 15_000,
  stuckCommentsMax: 3,
};

/** Writes the events after an id to a reader, then each new one, until either end goes. `readers` holds what ends each. */
export function serveReader(
  response: ServerResponse,
  { feed, readers }: { readonly feed: EventFeed; readonly readers: Set<() => void> },
  afterId: number,
  limits: ReaderLimits = READER_LIMITS,
): void {
  response.writeHead(200, {
    "content-type": EVENT_STREAM,
    "cache-control": "no-store",
    connection: "keep-alive",
  });
  response.write(": forklab events\n\n");
  const write = (text: string) => {
    response.write(text);
    if (response.writableLength > limits.waitingBytesMax) response.destroy();
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
    if (stuckCount >= limits.stuckCommentsMax) response.destroy();
    else write(":\n\n");
  }, limits.commentIntervalMs);
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

import { setTimeout } from "node:timers/promises";
import type { NodeClient } from "./node-client.ts";
import { type ServerSentEvent, SseParser } from "./sse-parser.ts";

/** Between a stream that broke and the next try: the node keeps what happens meanwhile, and is not to be hammered. */
const RETRY_AFTER_MS = 100;

/**
 * Reads the events of one process of a node from its first on, each once: after a break it goes on behind the last one it had. Returns when
 * `isOver` says so after a break (the process has ended, and what it had sent is read) or when aborted. Rejects with what `onEvent` throws
 * and with nothing else.
 */
export async function followEvents(
  client: NodeClient,
  onEvent: (event: ServerSentEvent) => void,
  options: { readonly signal: AbortSignal; readonly isOver: () => boolean },
): Promise<void> {
  const { signal, isOver } = options;
  let lastId = "0";
  while (!signal.aborted) {
    const parser = new SseParser();
    for await (const text of streamOf(client, lastId, signal))
      for (const event of parser.push(text)) {
        // A gap has no id of its own.
        if (event.id !== "") lastId = event.id;
        onEvent(event);
      }
    if (isOver()) return;
    await setTimeout(RETRY_AFTER_MS);
  }
}

/** Text as it comes, until the stream breaks in whatever way. */
async function* streamOf(
  client: NodeClient,
  lastId: string,
  signal: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  try {
    for await (const chunk of await client.events(lastId, signal))
      yield decoder.decode(chunk, { stream: true });
  } catch {
    // A break is what the reader is made for: it comes back, or the node has ended. What is thrown at the reader's side passes by here.
  }
}

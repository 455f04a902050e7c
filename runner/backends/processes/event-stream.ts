import { setTimeout } from "node:timers/promises";
import type { NodeClient } from "./node-client.ts";
import { type ServerSentEvent, SseParser } from "./sse-parser.ts";

/** Between a stream that broke and the next try: the node keeps what happens meanwhile, and is not to be hammered. */
const RETRY_AFTER_MS = 100;

/**
 * Reads the events of one process of a node from its first on, each once: after a break it goes on behind the last one it had. Returns when
 * `isOver` says so after a break (the process has ended, and what it had sent is read) or when aborted. Never rejects.
 */
export async function followEvents(
  client: NodeClient,
  onEvent: (event: ServerSentEvent) => void,
  options: {
    readonly signal: AbortSignal;
    readonly isOver: () => boolean;
    readonly onBreak: (reason: string) => void;
  },
): Promise<void> {
  const { signal, isOver, onBreak } = options;
  let lastId = "";
  while (!signal.aborted) {
    try {
      const body = await client.events(lastId, signal);
      const parser = new SseParser();
      const decoder = new TextDecoder();
      for await (const chunk of body)
        for (const event of parser.push(decoder.decode(chunk, { stream: true }))) {
          lastId = event.id;
          onEvent(event);
        }
      onBreak("the node ended the stream");
    } catch (error) {
      if (signal.aborted) return;
      onBreak(error instanceof Error ? error.message : String(error));
    }
    if (isOver()) return;
    await setTimeout(RETRY_AFTER_MS);
  }
}

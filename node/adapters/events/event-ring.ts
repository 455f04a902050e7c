import type { EventFeed, FeedEntry, FeedListener } from "../../ports/event-feed.ts";

/** Events kept for readers that come back: half an hour of a busy node. */
export const EVENT_COUNT_MAX = 16_384;
/** And their bytes: twenty nodes run on one laptop. */
export const EVENT_BYTES_MAX = 8 * 1024 * 1024;

/** Events that a reader is told at one go: together they cost little more than one, and a reader that is cut off between is told no more. */
const TOLD_COUNT_MAX = 256;

/**
 * The newest events of a node, oldest first. Readers are told in a later turn than the one that made the event: by then
 * a block that it tells of is stored, and what happens in one turn goes out together.
 */
export class EventRing implements EventFeed {
  lastId: number;
  /** Before the first id of this process. */
  readonly #base: number;
  #entries: FeedEntry[] = [];
  /** Entries before this one are let go of; the array is cut when half of it is. */
  #first = 0;
  #bytes = 0;
  #isFlushAsked = false;
  readonly #readers = new Set<{ nextId: number; readonly listener: FeedListener }>();

  /** Ids go on from `base`: one that no earlier process of the node came to, so that its ids are told from those of this one. */
  constructor(base: number) {
    this.#base = base;
    this.lastId = base;
  }

  add(type: string, fields: Readonly<Record<string, unknown>>): void {
    const json = JSON.stringify({ type, ...fields }, (_key, value) =>
      typeof value === "bigint" ? value.toString() : value,
    );
    this.lastId += 1;
    this.#entries.push({ id: this.lastId, type, json });
    this.#bytes += json.length;
    this.#letGo();
    if (this.#readers.size > 0) this.#flushSoon();
  }

  subscribe(afterId: number, listener: FeedListener): () => void {
    const reader = { nextId: afterId === 0 ? this.#base + 1 : afterId + 1, listener };
    this.#readers.add(reader);
    this.#flushSoon();
    return () => {
      this.#readers.delete(reader);
    };
  }

  #flushSoon(): void {
    if (this.#isFlushAsked) return;
    this.#isFlushAsked = true;
    setImmediate(() => {
      this.#isFlushAsked = false;
      for (const reader of this.#readers) this.#tell(reader);
    });
  }

  #tell(reader: { nextId: number; readonly listener: FeedListener }): void {
    const oldestId = this.lastId - (this.#entries.length - this.#first) + 1;
    // Let go of meanwhile; or of an earlier process, whose last events nobody has any more, or of one whose clock was ahead.
    if (reader.nextId < oldestId || reader.nextId > this.lastId + 1) {
      reader.listener.gap(reader.nextId, oldestId - 1);
      reader.nextId = oldestId;
    }
    while (reader.nextId <= this.lastId && this.#readers.has(reader)) {
      const start = this.#first + reader.nextId - oldestId;
      const entries = this.#entries.slice(start, start + TOLD_COUNT_MAX);
      reader.nextId += entries.length;
      reader.listener.events(entries);
    }
  }

  #letGo(): void {
    while (this.#entries.length - this.#first > EVENT_COUNT_MAX || this.#bytes > EVENT_BYTES_MAX) {
      this.#bytes -= (this.#entries[this.#first] as FeedEntry).json.length;
      this.#first += 1;
    }
    if (this.#first > this.#entries.length / 2) {
      this.#entries = this.#entries.slice(this.#first);
      this.#first = 0;
    }
  }
}

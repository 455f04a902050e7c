/** One server-sent event. `id` is empty when the event has none. */
export interface ServerSentEvent {
  readonly id: string;
  readonly type: string;
  readonly data: string;
}

/** The longest line that is taken: an event of a block of 100 MB lists some 500,000 ids of 67 characters. */
export const SSE_LINE_CHARACTERS_MAX = 40_000_000;

/**
 * Text of an event stream to events, however the text is cut into pieces. Source: WHATWG HTML, "Server-sent events",
 * section 9.2.6, but for `retry`, which is the caller's to decide, and lone carriage returns as line ends.
 */
export class SseParser {
  #rest = "";
  #id = "";
  #type = "";
  #data: string[] = [];

  /** The events that this piece completes. Throws a RangeError when a line never ends. */
  push(piece: string): ServerSentEvent[] {
    const events: ServerSentEvent[] = [];
    const lines = (this.#rest + piece).split("\n");
    this.#rest = lines.pop() ?? "";
    if (this.#rest.length > SSE_LINE_CHARACTERS_MAX) throw new RangeError("a line of events is too long");
    for (const line of lines) {
      const event = this.#line(line.endsWith("\r") ? line.slice(0, -1) : line);
      if (event !== null) events.push(event);
    }
    return events;
  }

  #line(line: string): ServerSentEvent | null {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    // A line that starts with a colon is a comment.
    if (colon === 0) return null;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "id") this.#id = value;
    else if (field === "event") this.#type = value;
    else if (field === "data") this.#data.push(value);
    return null;
  }

  #dispatch(): ServerSentEvent | null {
    const event = { id: this.#id, type: this.#type || "message", data: this.#data.join("\n") };
    const isEmpty = this.#data.length === 0;
    this.#type = "";
    this.#data = [];
    return isEmpty ? null : event;
  }
}

import type { Micros } from "../../core/support/micros.ts";
import type { LinkCondition } from "../../link/link-conditions.ts";
import type { LinkShaper } from "../../link/link-shaper.ts";
import type { Outgoing } from "./outgoing.ts";
import type { PeerAnswer } from "./peer-client.ts";

/** Frames that may wait for one peer: minutes of traffic of a busy network. A peer that is further behind is better off syncing anew. */
export const QUEUE_COUNT_MAX = 20_000;
/** And their bytes as the link counts them. Frames are encoded late, so this bounds what the link has to carry, not memory. Twice IN_FLIGHT_BYTES_MAX. */
export const QUEUE_BYTES_MAX = 256 * 1024 * 1024;

/** Bytes of one post, unless a single frame is larger. */
const BATCH_BYTES_TARGET = 256 * 1024;

/** A due time this close counts as reached, us: timers count whole milliseconds, and half of one early is as good as half late. */
const EARLY_US_MAX = 500;

export interface LinkSenderPorts {
  readonly post: (bytes: Uint8Array) => Promise<PeerAnswer>;
  readonly nowUs: () => Micros;
  /** By how much later than it was due a frame was handed over, us; negative when early. */
  readonly late: (lateUs: number) => void;
  /** The link is of no use any more; called once, and not from inside `send`. */
  readonly failed: (reason: string) => void;
}

/**
 * The sending side of one link: a frame waits until the shaper says that it arrives, then goes out in a batch with what else is due.
 * One request is under way at a time, so the order holds. When one fails the link has failed: nobody knows what arrived.
 */
export class LinkSender {
  readonly shaper: LinkShaper;
  sentMessages = 0;
  sentBytes = 0;
  lastPostUs: Micros = 0;
  readonly #ports: LinkSenderPorts;
  /** Frames that are not due yet, in the order of their times. */
  #waiting: { readonly item: Outgoing; readonly dueUs: Micros }[] = [];
  /** Frames that are due. */
  #due: Outgoing[] = [];
  #queuedBytes = 0;
  #timer: NodeJS.Timeout | null = null;
  #isPosting = false;
  #isFlushAsked = false;
  #isClosed = false;

  constructor(shaper: LinkShaper, ports: LinkSenderPorts) {
    this.shaper = shaper;
    this.#ports = ports;
  }

  send(item: Outgoing): void {
    if (this.#isClosed) return;
    this.sentMessages += 1;
    this.sentBytes += item.sizeBytes;
    const nowUs = this.#ports.nowUs();
    const dueUs = this.shaper.arrivalUs(nowUs, item.drawKey, item.sizeBytes);
    if (dueUs === null || this.#isOverflowing(item)) return;
    this.#queuedBytes += item.sizeBytes;
    if (dueUs <= nowUs && this.#waiting.length === 0) {
      this.#due.push(item);
      this.flushSoon();
    } else {
      this.#waiting.push({ item, dueUs });
      if (this.#waiting.length === 1) this.#arm(dueUs - nowUs);
    }
  }

  /** Past the shaper: for what is no part of the simulated network. */
  sendUnshaped(item: Outgoing): void {
    if (this.#isClosed || this.#isOverflowing(item)) return;
    this.#queuedBytes += item.sizeBytes;
    this.#due.push(item);
    this.flushSoon();
  }

  /** Posts what is due, even if that is nothing: an empty batch tells the peer that the link is there. */
  flushSoon(): void {
    if (this.#isFlushAsked) return;
    this.#isFlushAsked = true;
    // Whatever else the host sends in this same turn goes with it.
    queueMicrotask(() => {
      this.#isFlushAsked = false;
      void this.#flush();
    });
  }

  /** What is on its way over a link that is cut does not arrive. */
  setCondition(condition: LinkCondition): void {
    this.shaper.condition = condition;
    if (!condition.cut) return;
    for (const { item } of this.#waiting) this.#queuedBytes -= item.sizeBytes;
    this.#waiting = [];
    this.#disarm();
  }

  /** Whether a measure of so many bytes leaves half of the queue to messages: it must not be what ends the link. */
  hasRoomToMeasure(sizeBytes: number): boolean {
    return this.queuedCount < QUEUE_COUNT_MAX / 2 && this.#queuedBytes + sizeBytes <= QUEUE_BYTES_MAX / 2;
  }

  get queuedCount(): number {
    return this.#waiting.length + this.#due.length;
  }

  get isPosting(): boolean {
    return this.#isPosting;
  }

  close(): void {
    this.#isClosed = true;
    this.#waiting = [];
    this.#due = [];
    this.#disarm();
  }

  #isOverflowing(item: Outgoing): boolean {
    if (this.queuedCount < QUEUE_COUNT_MAX && this.#queuedBytes + item.sizeBytes <= QUEUE_BYTES_MAX)
      return false;
    this.#fail(`more than ${QUEUE_COUNT_MAX} frames or ${QUEUE_BYTES_MAX} bytes wait for the peer`);
    return true;
  }

  #arm(inUs: number): void {
    this.#timer = setTimeout(() => this.#onTimer(), Math.max(0, Math.round(inUs / 1_000)));
  }

  #disarm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #onTimer(): void {
    this.#timer = null;
    const nowUs = this.#ports.nowUs();
    let count = 0;
    for (const { item, dueUs } of this.#waiting) {
      if (dueUs > nowUs + EARLY_US_MAX) break;
      this.#ports.late(nowUs - dueUs);
      this.#due.push(item);
      count += 1;
    }
    this.#waiting.splice(0, count);
    const next = this.#waiting[0];
    if (next !== undefined) this.#arm(next.dueUs - nowUs);
    if (count > 0) this.flushSoon();
  }

  async #flush(): Promise<void> {
    if (this.#isClosed || this.#isPosting) return;
    this.#isPosting = true;
    do {
      this.lastPostUs = this.#ports.nowUs();
      const answer = await this.#ports.post(this.#takeBatch());
      if (this.#isClosed) return;
      if (!answer.ok) return this.#fail(answer.reason);
      if (answer.status >= 300)
        return this.#fail(`status ${answer.status}: ${JSON.stringify(answer.body ?? null)}`);
    } while (this.#due.length > 0);
    this.#isPosting = false;
  }

  #takeBatch(): Uint8Array {
    const frames: Uint8Array[] = [];
    let sizeBytes = 0;
    while (this.#due.length > frames.length && (sizeBytes === 0 || sizeBytes < BATCH_BYTES_TARGET)) {
      const item = this.#due[frames.length] as Outgoing;
      const bytes = item.bytes();
      // One that would make the batch too large goes first in the next; alone, any message goes.
      if (frames.length > 0 && sizeBytes + bytes.length > BATCH_BYTES_TARGET) break;
      frames.push(bytes);
      sizeBytes += bytes.length;
      this.#queuedBytes -= item.sizeBytes;
    }
    this.#due.splice(0, frames.length);
    return frames.length === 1 ? (frames[0] as Uint8Array) : Buffer.concat(frames, sizeBytes);
  }

  #fail(reason: string): void {
    if (this.#isClosed) return;
    this.close();
    setImmediate(() => this.#ports.failed(reason));
  }
}

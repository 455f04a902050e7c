import { HELD, REQUESTED } from "../../../node/core/state/belief-columns.ts";
import type { BlockMessage, Message } from "../../../node/core/state/messages.ts";
import type { Micros } from "../../../node/core/support/micros.ts";
import { DELIVER, packLink } from "./event-kinds.ts";
import type { EventQueue } from "./event-queue.ts";

/** What becomes of an announcement: an event like any message, none at all, or a note with the receiver. */
export const AS_EVENT = 0;
export const WITHOUT_EFFECT = 1;
export const AS_NOTE = 2;

/**
 * Announcements that change nothing at their receiver, or only one bit that nobody looks at before the receiver's next event. They are two
 * thirds of all messages of a block's wave; leaving their events out doubles the speed of a large network.
 *
 * Exact, not approximate. To a node that holds the block an announcement means nothing. To one that has asked for the block it means that its
 * sender could be asked next and need not be told: that is noted with the receiver and delivered, in order, before its next event. Traffic
 * is counted and links are charged as ever. Where a fault could make a difference (`materialise`) the notes become the events that
 * they stand for, under the sequence numbers that they would have had.
 */
export class SilentAnnouncements {
  /** By receiver: notes that wait. */
  readonly count: Uint16Array;
  readonly #queue: EventQueue<Message>;
  readonly #firstEnd: Int32Array;
  readonly #incarnation: Int32Array;
  /** By receiver's end. */
  readonly #message: (BlockMessage | null)[];
  readonly #arrivalUs: Float64Array;
  readonly #sequence: Float64Array;
  #total = 0;

  constructor(queue: EventQueue<Message>, firstEnd: Int32Array, incarnation: Int32Array) {
    this.#incarnation = incarnation;
    this.#queue = queue;
    this.#firstEnd = firstEnd;
    const ends = firstEnd[firstEnd.length - 1] as number;
    this.count = new Uint16Array(firstEnd.length - 1);
    this.#message = new Array<BlockMessage | null>(ends).fill(null);
    this.#arrivalUs = new Float64Array(ends);
    this.#sequence = new Float64Array(ends);
  }

  /** `end` is the receiver's. One note an end: a second block announced meanwhile takes an event. */
  fateOf(message: BlockMessage, receiver: number, end: number): number {
    const status = message.block.beliefs.status[receiver];
    if (status === HELD) return WITHOUT_EFFECT;
    return status === REQUESTED && this.#message[end] === null ? AS_NOTE : AS_EVENT;
  }

  note(message: BlockMessage, receiver: number, end: number, arrivalUs: Micros): void {
    this.#message[end] = message;
    this.#arrivalUs[end] = arrivalUs;
    this.#sequence[end] = this.#queue.reserveSequence();
    this.count[receiver] = (this.count[receiver] as number) + 1;
    this.#total++;
  }

  /**
   * Hands over what reached the receiver before the event (`atUs`, `sequence`). The order among them is of no
   * consequence: each sets a bit of its own.
   */
  deliverBefore(receiver: number, atUs: Micros, sequence: number, network: AnnouncementReceiver): void {
    const last = this.#firstEnd[receiver + 1] as number;
    for (let end = this.#firstEnd[receiver] as number; end < last; end++) {
      const message = this.#message[end] as BlockMessage | null;
      if (message === null) continue;
      const arrivalUs = this.#arrivalUs[end] as Micros;
      if (arrivalUs > atUs || (arrivalUs === atUs && (this.#sequence[end] as number) > sequence)) continue;
      this.#drop(receiver, end);
      network.deliver(receiver, this.#detail(receiver, end), message, arrivalUs);
    }
  }

  /** After an event of the receiver's: notes on a block that it holds now mean nothing; on one that it has given up they are events. */
  review(receiver: number): void {
    const last = this.#firstEnd[receiver + 1] as number;
    for (let end = this.#firstEnd[receiver] as number; end < last; end++) {
      const message = this.#message[end] as BlockMessage | null;
      if (message === null) continue;
      const status = message.block.beliefs.status[receiver];
      if (status === HELD) this.#drop(receiver, end);
      else if (status !== REQUESTED) this.#makeEvent(receiver, end, message);
    }
  }

  /**
   * Ends the notes, because something is about to happen that they know nothing of: what has arrived is handed over, what is
   * under way becomes an event.
   */
  materialise(network: AnnouncementReceiver): void {
    for (let receiver = 0; this.#total > 0 && receiver < this.count.length; receiver++) {
      if (this.count[receiver] === 0) continue;
      this.deliverBefore(receiver, this.#queue.nowUs, Number.POSITIVE_INFINITY, network);
      const last = this.#firstEnd[receiver + 1] as number;
      for (let end = this.#firstEnd[receiver] as number; end < last; end++) {
        const message = this.#message[end] as BlockMessage | null;
        if (message !== null) this.#makeEvent(receiver, end, message);
      }
    }
  }

  #makeEvent(receiver: number, end: number, message: BlockMessage): void {
    const atUs = this.#arrivalUs[end] as Micros;
    const sequence = this.#sequence[end] as number;
    const detail = this.#detail(receiver, end);
    this.#drop(receiver, end);
    this.#queue.scheduleAs(sequence, atUs, DELIVER, receiver, detail, message);
  }

  /** Notes are ended before a receiver crashes, so each is meant for its present incarnation. */
  #detail(receiver: number, end: number): number {
    return packLink(end - (this.#firstEnd[receiver] as number), this.#incarnation[receiver] as number);
  }

  #drop(receiver: number, end: number): void {
    this.#message[end] = null;
    this.count[receiver] = (this.count[receiver] as number) - 1;
    this.#total--;
  }
}

interface AnnouncementReceiver {
  deliver(receiver: number, detail: number, message: BlockMessage, atUs: Micros): void;
}

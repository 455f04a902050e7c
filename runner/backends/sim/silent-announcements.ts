import { HELD, REQUESTED } from "../../../node/core/state/belief-columns.ts";
import type { BlockTree } from "../../../node/core/state/block-tree.ts";
import type { BlockMessage, Message } from "../../../node/core/state/messages.ts";
import type { Micros } from "../../../node/core/support/micros.ts";
import { learnKnown } from "../../../node/core/sync/link-masks.ts";
import { DELIVER, packLink } from "./event-kinds.ts";
import type { EventQueue } from "./event-queue.ts";
import { FLOATS, INTS, NOTED_BLOCK, NOTED_SEQUENCE, NOTED_US } from "./link-records.ts";
import type { SimLinks } from "./sim-links.ts";

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
  /** By receiver: whether notes wait. */
  readonly noted: Uint8Array;
  readonly #queue: EventQueue<Message>;
  readonly #tree: BlockTree;
  readonly #links: SimLinks;
  readonly #incarnation: Int32Array;
  /** Bits of the links with a note, by receiver, `#words` words each. */
  readonly #bits: Int32Array;
  readonly #words: number;
  /** By the block's index: what a note stands for. */
  readonly #announcements: BlockMessage[] = [];

  constructor(queue: EventQueue<Message>, tree: BlockTree, links: SimLinks, incarnation: Int32Array) {
    this.#tree = tree;
    this.#queue = queue;
    this.#links = links;
    this.#incarnation = incarnation;
    this.#words = Math.ceil(links.linkCountMax / 32);
    this.#bits = new Int32Array(incarnation.length * this.#words);
    this.noted = new Uint8Array(incarnation.length);
  }

  /** The common case, by the column of statuses alone; that the receiver is up follows. */
  isWithoutEffect(status: Uint8Array, receiver: number): boolean {
    return status[receiver] === HELD;
  }

  /** `end` is the receiver's. One note an end: a second block announced meanwhile takes an event. */
  fateOf(message: BlockMessage, receiver: number, end: number): number {
    const status = message.block.beliefs.status[receiver];
    if (status === HELD) return WITHOUT_EFFECT;
    if (status !== REQUESTED) return AS_EVENT;
    const link = end - (this.#links.firstEnd[receiver] as number);
    const bits = this.#bits[receiver * this.#words + (link >> 5)] as number;
    return ((bits >>> (link & 31)) & 1) === 0 ? AS_NOTE : AS_EVENT;
  }

  note(message: BlockMessage, receiver: number, end: number, arrivalUs: Micros): void {
    const { ints, floats } = this.#links.records;
    const { index } = message.block;
    this.#announcements[index] = message;
    ints[end * INTS + NOTED_BLOCK] = index;
    floats[end * FLOATS + NOTED_US] = arrivalUs;
    floats[end * FLOATS + NOTED_SEQUENCE] = this.#queue.reserveSequence();
    const link = end - (this.#links.firstEnd[receiver] as number);
    const word = receiver * this.#words + (link >> 5);
    this.#bits[word] = (this.#bits[word] as number) | (1 << (link & 31));
    this.noted[receiver] = 1;
  }

  /**
   * Does what announcements do at a node that has asked for their block, for those that reached it before the event (`atUs`,
   * `sequence`): the sender is known to know the block. The order among them is of no consequence: each sets a bit of its own.
   */
  deliverBefore(receiver: number, atUs: Micros, sequence: number): void {
    const { floats } = this.#links.records;
    for (let word = 0; word < this.#words; word++) {
      for (let bits = this.#bits[receiver * this.#words + word] as number; bits !== 0; bits &= bits - 1) {
        const link = word * 32 + 31 - Math.clz32(bits & -bits);
        const end = (this.#links.firstEnd[receiver] as number) + link;
        const arrivalUs = floats[end * FLOATS + NOTED_US] as Micros;
        if (arrivalUs > atUs) continue;
        if (arrivalUs === atUs && (floats[end * FLOATS + NOTED_SEQUENCE] as number) > sequence) continue;
        learnKnown(this.#tree, this.#take(receiver, link, end).block, receiver, link);
      }
    }
  }

  /** After an event of the receiver's: notes on a block that it holds now mean nothing; on one that it has given up they are events. */
  review(receiver: number): void {
    this.noted[receiver] = 0;
    for (let word = 0; word < this.#words; word++) {
      for (let bits = this.#bits[receiver * this.#words + word] as number; bits !== 0; bits &= bits - 1) {
        const link = word * 32 + 31 - Math.clz32(bits & -bits);
        const end = (this.#links.firstEnd[receiver] as number) + link;
        const status = this.#announcementAt(end).block.beliefs.status[receiver];
        if (status === REQUESTED) this.noted[receiver] = 1;
        else if (status === HELD) this.#take(receiver, link, end);
        else this.#makeEvent(receiver, link, end);
      }
    }
  }

  /**
   * Ends the notes, because something is about to happen that they know nothing of: what has arrived is handed over, what is
   * under way becomes an event.
   */
  materialise(): void {
    for (let receiver = 0; receiver < this.noted.length; receiver++) {
      if (this.noted[receiver] === 0) continue;
      this.deliverBefore(receiver, this.#queue.nowUs, Number.POSITIVE_INFINITY);
      for (let link = 0; link < this.#links.linkCount(receiver); link++) {
        const bits = this.#bits[receiver * this.#words + (link >> 5)] as number;
        if (((bits >>> (link & 31)) & 1) === 1)
          this.#makeEvent(receiver, link, (this.#links.firstEnd[receiver] as number) + link);
      }
      this.noted[receiver] = 0;
    }
  }

  #announcementAt(end: number): BlockMessage {
    return this.#announcements[this.#links.records.ints[end * INTS + NOTED_BLOCK] as number] as BlockMessage;
  }

  /** Notes are ended before a receiver crashes, so each is meant for its present incarnation. */
  #makeEvent(receiver: number, link: number, end: number): void {
    const { floats } = this.#links.records;
    const atUs = floats[end * FLOATS + NOTED_US] as Micros;
    const sequence = floats[end * FLOATS + NOTED_SEQUENCE] as number;
    const detail = packLink(link, this.#incarnation[receiver] as number);
    this.#queue.scheduleAs(sequence, atUs, DELIVER, receiver, detail, this.#take(receiver, link, end));
  }

  #take(receiver: number, link: number, end: number): BlockMessage {
    const word = receiver * this.#words + (link >> 5);
    this.#bits[word] = (this.#bits[word] as number) & ~(1 << (link & 31));
    return this.#announcementAt(end);
  }
}

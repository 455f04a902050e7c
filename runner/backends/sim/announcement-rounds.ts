import { HELD, REQUESTED } from "../../../node/core/state/belief-columns.ts";
import type { BlockTree } from "../../../node/core/state/block-tree.ts";
import type { BlockMessage, Message } from "../../../node/core/state/messages.ts";
import type { Micros } from "../../../node/core/support/micros.ts";
import { learnKnown } from "../../../node/core/sync/link-masks.ts";
import { DELIVER, packLink } from "./event-kinds.ts";
import type { EventQueue } from "./event-queue.ts";
import { LinkBits } from "./link-bits.ts";
import {
  DEPARTED_US,
  DRAW_KEY,
  FIRST_SEQUENCE,
  NOTE_COUNT,
  ROUND_FLOATS,
  ROUND_INTS,
  RoundRecords,
} from "./round-records.ts";
import type { SimLinks } from "./sim-links.ts";

/**
 * Announcements that change nothing at their receiver, or only one bit that nobody looks at before the receiver's next event. They are two
 * thirds of all messages of a block's wave; leaving their events out doubles the speed of a large network.
 *
 * Exact, not approximate. To a node that holds the block an announcement means nothing. To one that has asked for the block it means that its
 * sender could be asked next and need not be told: that is noted with the receiver, and worked out before its next event. Such
 * announcements of one node leave together, in a round: its time and key are kept, and when one of them arrives follows from
 * them when somebody must know. That is: the receiver, before its next event; a later message of the same link, which may not overtake it; or
 * a fault (`endAll`). Traffic is counted as ever, and what becomes an event after all takes its place in the order of scheduling.
 */
export class AnnouncementRounds {
  /** By receiver: whether notes wait. */
  readonly noted: Uint8Array;
  readonly #queue: EventQueue<Message>;
  readonly #tree: BlockTree;
  readonly #links: SimLinks;
  readonly #incarnation: Int32Array;
  /** By receiver: links over which an announcement that makes no event was sent, and what it means is not worked out yet. */
  readonly #notes: LinkBits;
  /** By sender: links of its last round whose announcement made no event, and may yet hold up a later message. */
  readonly #unheard: LinkBits;
  /** By sender: its last round, and what it announced. */
  readonly #records: RoundRecords;
  readonly #announcement: (BlockMessage | null)[];

  constructor(queue: EventQueue<Message>, tree: BlockTree, links: SimLinks, incarnation: Int32Array) {
    const nodeCount = incarnation.length;
    this.#queue = queue;
    this.#tree = tree;
    this.#links = links;
    this.#incarnation = incarnation;
    this.noted = new Uint8Array(nodeCount);
    this.#notes = new LinkBits(nodeCount, links.linkCountMax);
    this.#unheard = new LinkBits(nodeCount, links.linkCountMax);
    this.#records = new RoundRecords(nodeCount);
    this.#announcement = new Array<BlockMessage | null>(nodeCount).fill(null);
  }

  /** A node begins to announce a block: its round before this one is worked out. */
  begin(sender: number, message: BlockMessage, departedUs: Micros, firstSequence: number): void {
    // A node with more than 32 links tells them in several calls.
    if (this.#announcement[sender] === message && this.#departedUs(sender) === departedUs) return;
    this.endRoundOf(sender);
    const { ints, floats } = this.#records;
    floats[sender * ROUND_FLOATS + DEPARTED_US] = departedUs;
    floats[sender * ROUND_FLOATS + FIRST_SEQUENCE] = firstSequence;
    ints[sender * ROUND_INTS + DRAW_KEY] = message.drawKey;
    this.#announcement[sender] = message;
  }

  /**
   * Adds the links `firstLink + bit` of `linkBits` to a sender's round, where the receiver's status (of the column) allows it;
   * gives the bits of the others, which take events.
   */
  add(sender: number, firstLink: number, linkBits: number, status: Uint8Array): number {
    const links = this.#links;
    const firstEnd = (links.firstEnd[sender] as number) + firstLink;
    let loudBits = 0;
    let noteCount = 0;
    for (let bits = linkBits; bits !== 0; bits &= bits - 1) {
      const bit = 31 - Math.clz32(bits & -bits);
      const receiver = links.peer(firstEnd + bit);
      const known = status[receiver];
      if (known === REQUESTED) {
        this.#notes.add(receiver, links.peerLink(firstEnd + bit));
        this.noted[receiver] = 1;
        noteCount++;
      } else if (known !== HELD) {
        loudBits |= 1 << bit;
      }
    }
    this.#unheard.addWord(sender, firstLink >> 5, linkBits & ~loudBits);
    if (noteCount > 0) this.#countNotes(sender, noteCount);
    return loudBits;
  }

  isUnheard(sender: number, link: number): boolean {
    return this.#unheard.has(sender, link);
  }

  /** Works out the arrival of an unheard announcement, if it can matter to a message that leaves its link at `nextUs` or later. */
  hear(sender: number, link: number, nextUs: Micros): void {
    this.#unheard.remove(sender, link);
    const end = (this.#links.firstEnd[sender] as number) + link;
    const receiver = this.#links.peer(end);
    const receiverLink = this.#links.peerLink(end);
    const direction = (this.#links.firstEnd[receiver] as number) + receiverLink;
    const departedUs = this.#departedUs(sender);
    const isNoted = this.#notes.has(receiver, receiverLink);
    if (!isNoted && departedUs + this.#links.longestUs(direction) <= nextUs) return;
    const arrivalUs = this.#links.arrivalUs(direction, this.#drawKey(sender), departedUs);
    if (isNoted) this.#settle(receiver, receiverLink, sender, arrivalUs);
  }

  /** Before an event of the receiver's (`atUs`, `sequence`): does what the noted announcements that came earlier do. */
  deliverBefore(receiver: number, atUs: Micros, sequence: number): void {
    const firstEnd = this.#links.firstEnd[receiver] as number;
    for (let word = 0; word < this.#notes.words; word++) {
      for (let bits = this.#notes.word(receiver, word); bits !== 0; bits &= bits - 1) {
        const link = word * 32 + 31 - Math.clz32(bits & -bits);
        const sender = this.#links.peer(firstEnd + link);
        if (!this.#hasArrived(firstEnd + link, sender, atUs, sequence)) continue;
        this.#dropNote(receiver, link, sender);
        this.#learn(receiver, link, sender);
      }
    }
  }

  /** After an event of the receiver's: a note on a block that it holds now means nothing; on one that it has given up it is an event. */
  review(receiver: number): void {
    this.noted[receiver] = 0;
    const firstEnd = this.#links.firstEnd[receiver] as number;
    for (let word = 0; word < this.#notes.words; word++) {
      for (let bits = this.#notes.word(receiver, word); bits !== 0; bits &= bits - 1) {
        const link = word * 32 + 31 - Math.clz32(bits & -bits);
        const sender = this.#links.peer(firstEnd + link);
        const status = this.#announcement[sender]?.block.beliefs.status[receiver];
        if (status === REQUESTED) this.noted[receiver] = 1;
        else if (status === HELD) this.#dropNote(receiver, link, sender);
        else this.#settle(receiver, link, sender, this.#arrivalUs(firstEnd + link, sender));
      }
    }
  }

  /** Ends all notes, because something is about to happen that they know nothing of. */
  endAll(): void {
    for (let receiver = 0; receiver < this.noted.length; receiver++) {
      if (this.noted[receiver] === 0) continue;
      this.noted[receiver] = 0;
      const firstEnd = this.#links.firstEnd[receiver] as number;
      for (let link = this.#notes.first(receiver); link !== -1; link = this.#notes.first(receiver)) {
        const sender = this.#links.peer(firstEnd + link);
        this.#settle(receiver, link, sender, this.#arrivalUs(firstEnd + link, sender));
      }
    }
  }

  /** Works out what is unheard of a sender: before another round, and before the conditions of its links change. */
  endRoundOf(sender: number): void {
    const isLongAgo = this.#departedUs(sender) + this.#links.longestOfAllUs <= this.#queue.nowUs;
    if (isLongAgo && this.#records.ints[sender * ROUND_INTS + NOTE_COUNT] === 0) {
      this.#unheard.clear(sender);
      return;
    }
    for (let link = this.#unheard.first(sender); link !== -1; link = this.#unheard.first(sender))
      this.hear(sender, link, this.#queue.nowUs);
  }

  #hasArrived(direction: number, sender: number, atUs: Micros, sequence: number): boolean {
    const departedUs = this.#departedUs(sender);
    if (this.#links.hasSurelyArrived(direction, departedUs, atUs)) return true;
    const arrivalUs = this.#arrivalUs(direction, sender);
    return arrivalUs < atUs || (arrivalUs === atUs && this.#firstSequence(sender) < sequence);
  }

  #arrivalUs(direction: number, sender: number): Micros {
    return this.#links.peekArrivalUs(direction, this.#drawKey(sender), this.#departedUs(sender));
  }

  /** Ends a note: what has arrived is done, what is under way becomes an event. */
  #settle(receiver: number, link: number, sender: number, arrivalUs: Micros): void {
    this.#dropNote(receiver, link, sender);
    const senderLink = this.#links.peerLink((this.#links.firstEnd[receiver] as number) + link);
    const sequence = this.#firstSequence(sender) + senderLink;
    // At this very microsecond the receiver may have an event still to come that stands before the announcement.
    const { nowUs, nowSequence } = this.#queue;
    if (arrivalUs < nowUs || (arrivalUs === nowUs && sequence < nowSequence)) {
      this.#learn(receiver, link, sender);
      return;
    }
    const detail = packLink(link, this.#incarnation[receiver] as number);
    const announcement = this.#announcement[sender] ?? null;
    this.#queue.scheduleAs(sequence, arrivalUs, DELIVER, receiver, detail, announcement);
  }

  #dropNote(receiver: number, link: number, sender: number): void {
    this.#notes.remove(receiver, link);
    this.#countNotes(sender, -1);
  }

  #countNotes(sender: number, more: number): void {
    const at = sender * ROUND_INTS + NOTE_COUNT;
    this.#records.ints[at] = (this.#records.ints[at] as number) + more;
  }

  #departedUs(sender: number): Micros {
    return this.#records.floats[sender * ROUND_FLOATS + DEPARTED_US] as Micros;
  }

  #firstSequence(sender: number): number {
    return this.#records.floats[sender * ROUND_FLOATS + FIRST_SEQUENCE] as number;
  }

  #drawKey(sender: number): number {
    return this.#records.ints[sender * ROUND_INTS + DRAW_KEY] as number;
  }

  /** What a node does with an announcement of a block that it has asked for. */
  #learn(receiver: number, link: number, sender: number): void {
    const block = this.#announcement[sender]?.block;
    if (block !== undefined) learnKnown(this.#tree, block, receiver, link);
  }
}

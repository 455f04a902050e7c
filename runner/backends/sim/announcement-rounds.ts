import { HELD, REQUESTED } from "../../../node/core/state/belief-columns.ts";
import type { BlockTree } from "../../../node/core/state/block-tree.ts";
import type { BlockMessage, Message } from "../../../node/core/state/messages.ts";
import type { Micros } from "../../../node/core/support/micros.ts";
import { learnKnown } from "../../../node/core/sync/link-masks.ts";
import { DELIVER, packLink } from "./event-kinds.ts";
import type { EventQueue } from "./event-queue.ts";
import { LinkBits } from "./link-bits.ts";
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
  /** By sender: notes that its last round left with receivers and that are not worked out. */
  readonly #noteCount: Uint16Array;
  /** By sender, of its last round. */
  readonly #departedUs: Float64Array;
  readonly #drawKey: Int32Array;
  /** Number of the first link in the order of scheduling; link n has n more. */
  readonly #firstSequence: Float64Array;
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
    this.#noteCount = new Uint16Array(nodeCount);
    this.#departedUs = new Float64Array(nodeCount);
    this.#drawKey = new Int32Array(nodeCount);
    this.#firstSequence = new Float64Array(nodeCount);
    this.#announcement = new Array<BlockMessage | null>(nodeCount).fill(null);
  }

  /** A node begins to announce a block: its round before this one is worked out. */
  begin(sender: number, message: BlockMessage, departedUs: Micros, firstSequence: number): void {
    // A node with more than 32 links tells them in several calls.
    if (this.#announcement[sender] === message && this.#departedUs[sender] === departedUs) return;
    this.endRoundOf(sender);
    this.#departedUs[sender] = departedUs;
    this.#drawKey[sender] = message.drawKey;
    this.#firstSequence[sender] = firstSequence;
    this.#announcement[sender] = message;
  }

  /** Adds a link to a sender's round, if its receiver's status (of the column) allows it; false: it takes an event. */
  add(sender: number, link: number, end: number, status: Uint8Array): boolean {
    const receiver = this.#links.peer[end] as number;
    const known = status[receiver];
    if (known === REQUESTED) {
      const receiverEnd = this.#links.peerEnd[end] as number;
      this.#notes.add(receiver, receiverEnd - (this.#links.firstEnd[receiver] as number));
      this.#noteCount[sender] = (this.#noteCount[sender] as number) + 1;
      this.noted[receiver] = 1;
    } else if (known !== HELD) {
      return false;
    }
    this.#unheard.add(sender, link);
    return true;
  }

  isUnheard(sender: number, link: number): boolean {
    return this.#unheard.has(sender, link);
  }

  /** Works out the arrival of an unheard announcement, if it can matter to a message that leaves its link at `nextUs` or later. */
  hear(sender: number, link: number, nextUs: Micros): void {
    this.#unheard.remove(sender, link);
    const end = (this.#links.firstEnd[sender] as number) + link;
    const direction = this.#links.peerEnd[end] as number;
    const receiver = this.#links.peer[end] as number;
    const receiverLink = direction - (this.#links.firstEnd[receiver] as number);
    const departedUs = this.#departedUs[sender] as Micros;
    const isNoted = this.#notes.has(receiver, receiverLink);
    if (!isNoted && departedUs + this.#links.longestUs(direction) <= nextUs) return;
    const arrivalUs = this.#links.arrivalUs(direction, this.#drawKey[sender] as number, departedUs);
    if (isNoted) this.#settle(receiver, receiverLink, sender, arrivalUs);
  }

  /** Before an event of the receiver's (`atUs`, `sequence`): does what the noted announcements that came earlier do. */
  deliverBefore(receiver: number, atUs: Micros, sequence: number): void {
    const firstEnd = this.#links.firstEnd[receiver] as number;
    for (let word = 0; word < this.#notes.words; word++) {
      for (let bits = this.#notes.word(receiver, word); bits !== 0; bits &= bits - 1) {
        const link = word * 32 + 31 - Math.clz32(bits & -bits);
        const sender = this.#links.peer[firstEnd + link] as number;
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
        const sender = this.#links.peer[firstEnd + link] as number;
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
        const sender = this.#links.peer[firstEnd + link] as number;
        this.#settle(receiver, link, sender, this.#arrivalUs(firstEnd + link, sender));
      }
    }
  }

  /** Works out what is unheard of a sender: before another round, and before the conditions of its links change. */
  endRoundOf(sender: number): void {
    const isLongAgo = (this.#departedUs[sender] as Micros) + this.#links.longestOfAllUs <= this.#queue.nowUs;
    if (isLongAgo && this.#noteCount[sender] === 0) {
      this.#unheard.clear(sender);
      return;
    }
    for (let link = this.#unheard.first(sender); link !== -1; link = this.#unheard.first(sender))
      this.hear(sender, link, this.#queue.nowUs);
  }

  #hasArrived(direction: number, sender: number, atUs: Micros, sequence: number): boolean {
    const departedUs = this.#departedUs[sender] as Micros;
    if (this.#links.hasSurelyArrived(direction, departedUs, atUs)) return true;
    const arrivalUs = this.#arrivalUs(direction, sender);
    return arrivalUs < atUs || (arrivalUs === atUs && (this.#firstSequence[sender] as number) < sequence);
  }

  #arrivalUs(direction: number, sender: number): Micros {
    return this.#links.peekArrivalUs(
      direction,
      this.#drawKey[sender] as number,
      this.#departedUs[sender] as Micros,
    );
  }

  /** Ends a note: what has arrived is done, what is under way becomes an event. */
  #settle(receiver: number, link: number, sender: number, arrivalUs: Micros): void {
    this.#notes.remove(receiver, link);
    const senderEnd = this.#links.peerEnd[(this.#links.firstEnd[receiver] as number) + link] as number;
    const senderLink = senderEnd - (this.#links.firstEnd[sender] as number);
    const sequence = (this.#firstSequence[sender] as number) + senderLink;
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
    this.#noteCount[sender] = (this.#noteCount[sender] as number) - 1;
  }

  /** What a node does with an announcement of a block that it has asked for. */
  #learn(receiver: number, link: number, sender: number): void {
    const block = this.#announcement[sender]?.block;
    if (block !== undefined) learnKnown(this.#tree, block, receiver, link);
  }
}

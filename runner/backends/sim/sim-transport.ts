import type { BlockMessage, Message } from "../../../node/core/state/messages.ts";
import type { Micros } from "../../../node/core/support/micros.ts";
import { keyedUniform } from "../../../node/core/support/prng.ts";
import {
  departureUs,
  PACKET_BYTES,
  retransmissionUs,
  transmissionUs,
} from "../../../node/link/link-delay.ts";
import { LOSS_SALT } from "../../../node/link/link-shaper.ts";
import type { Transport } from "../../../node/ports/transport.ts";
import type { AnnouncementRounds } from "./announcement-rounds.ts";
import { DELIVER, packLink } from "./event-kinds.ts";
import type { EventQueue } from "./event-queue.ts";
import type { SimLinks } from "./sim-links.ts";

export interface UplinkConditions {
  readonly uplinkBitsPerSec: number | null;
  readonly blockPaddingBytes: number;
}

/** Carries messages over simulated links: works out when each arrives, and schedules it. */
export class SimTransport implements Transport {
  /** By node; a node that is down neither sends nor gets anything. */
  readonly up: Uint8Array;
  readonly incarnation: Int32Array;
  /** By node, bits per second; infinite where there is no limit. */
  readonly uplinkBitsPerSec: Float64Array;
  /** By node, since the start: messages handed to a link, and their bytes. */
  readonly sentMessages: Float64Array;
  readonly sentBytes: Float64Array;
  /** Null until they are there; and while every announcement is to make an event. */
  rounds: AnnouncementRounds | null = null;
  isEveryAnnouncementAnEvent = true;
  /** Links that a node wants to end, to be told of it by the simulation. */
  readonly ended: { readonly view: number; readonly link: number; readonly reason: string }[] = [];
  readonly #queue: EventQueue<Message>;
  readonly #links: SimLinks;
  readonly #uplinkBusyUntilUs: Float64Array;
  readonly #blockPaddingBytes: number;

  constructor(queue: EventQueue<Message>, nodeCount: number, links: SimLinks, conditions: UplinkConditions) {
    this.#queue = queue;
    this.#links = links;
    this.#blockPaddingBytes = conditions.blockPaddingBytes;
    this.up = new Uint8Array(nodeCount).fill(1);
    this.incarnation = new Int32Array(nodeCount);
    this.uplinkBitsPerSec = new Float64Array(nodeCount).fill(
      conditions.uplinkBitsPerSec ?? Number.POSITIVE_INFINITY,
    );
    this.#uplinkBusyUntilUs = new Float64Array(nodeCount);
    this.sentMessages = new Float64Array(nodeCount);
    this.sentBytes = new Float64Array(nodeCount);
  }

  send(view: number, link: number, message: Message): void {
    const departedUs = this.#departure(view, this.#sizeOf(message), 1);
    this.#carry(view, link, message, departedUs, this.#queue.reserveSequences(1));
  }

  sendToMany(view: number, firstLink: number, linkBits: number, message: Message): void {
    const bytes = this.#sizeOf(message);
    const sequence = this.#queue.reserveSequences(firstLink + 32);
    if (message.kind === "announce" && bytes <= PACKET_BYTES && this.#maySkipEvents()) {
      this.#announceToMany(view, firstLink, linkBits, message, sequence);
      return;
    }
    for (let bits = linkBits; bits !== 0; bits &= bits - 1) {
      const link = firstLink + 31 - Math.clz32(bits & -bits);
      this.#carry(view, link, message, this.#departure(view, bytes, 1), sequence + link);
    }
  }

  disconnect(view: number, link: number, reason: string): void {
    this.ended.push({ view, link, reason });
  }

  /** The links are the scenario's: a slow peer stays. */
  passedOver(): void {
    // Nothing to do.
  }

  #sizeOf(message: Message): number {
    return message.kind === "block" ? message.sizeBytes + this.#blockPaddingBytes : message.sizeBytes;
  }

  /** Counts messages of one size and gives the time at which the last bit of the first leaves the sender. */
  #departure(view: number, bytes: number, count: number): Micros {
    this.sentMessages[view] = (this.sentMessages[view] as number) + count;
    this.sentBytes[view] = (this.sentBytes[view] as number) + count * bytes;
    const { nowUs } = this.#queue;
    const bitsPerSec = this.uplinkBitsPerSec[view] as number;
    if (bitsPerSec === Number.POSITIVE_INFINITY) return nowUs;
    const durationUs = transmissionUs(bytes, bitsPerSec);
    const busyUntilUs = this.#uplinkBusyUntilUs[view] as Micros;
    this.#uplinkBusyUntilUs[view] = (busyUntilUs > nowUs ? busyUntilUs : nowUs) + count * durationUs;
    return departureUs(nowUs, busyUntilUs, bytes, durationUs);
  }

  /** Losses delay each message by a draw of its own, and a cut drops some: then announcements do not leave together. */
  #maySkipEvents(): boolean {
    return !this.isEveryAnnouncementAnEvent && !this.#links.anyLoss && this.#links.cutCount === 0;
  }

  /** Announcements of one packet leave together, because none waits for another. */
  #announceToMany(
    view: number,
    firstLink: number,
    linkBits: number,
    message: BlockMessage,
    sequence: number,
  ) {
    const rounds = this.rounds as AnnouncementRounds;
    const departedUs = this.#departure(view, message.sizeBytes, countBits(linkBits));
    rounds.begin(view, message, departedUs, sequence);
    const loudBits = rounds.add(view, firstLink, linkBits, message.block.beliefs.status);
    for (let bits = loudBits; bits !== 0; bits &= bits - 1) {
      const link = firstLink + 31 - Math.clz32(bits & -bits);
      this.#carry(view, link, message, departedUs, sequence + link);
    }
  }

  #carry(view: number, link: number, message: Message, sentUs: Micros, sequence: number): void {
    const end = (this.#links.firstEnd[view] as number) + link;
    const target = this.#links.peer(end);
    const receiverLink = this.#links.peerLink(end);
    const direction = (this.#links.firstEnd[target] as number) + receiverLink;
    if (this.up[target] === 0 || (this.#links.cutCount > 0 && this.#links.isCut(direction))) return;
    const departedUs = this.#links.anyLoss ? this.#afterLosses(direction, message.drawKey, sentUs) : sentUs;
    if (this.rounds?.isUnheard(view, link)) this.rounds.hear(view, link, departedUs);
    const arrivalUs = this.#links.arrivalUs(direction, message.drawKey, departedUs);
    const detail = packLink(receiverLink, this.incarnation[target] as number);
    this.#queue.scheduleAs(sequence, arrivalUs, DELIVER, target, detail, message);
  }

  #afterLosses(direction: number, drawKey: number, sentUs: Micros): Micros {
    const ratio = this.#links.lossRatio[direction] as number;
    if (ratio === 0) return sentUs;
    return (
      sentUs + retransmissionUs(ratio, keyedUniform(this.#links.drawSeed(direction), drawKey, LOSS_SALT))
    );
  }
}

/** Bits of 32 that are set. */
function countBits(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}

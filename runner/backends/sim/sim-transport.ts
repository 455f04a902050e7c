import type { BlockMessage, Message } from "../../../node/core/state/messages.ts";
import type { Micros } from "../../../node/core/support/micros.ts";
import { keyedUniform, murmur3 } from "../../../node/core/support/prng.ts";
import type { LatencySampler } from "../../../node/link/latency-sampler.ts";
import {
  departureUs,
  PACKET_BYTES,
  retransmissionUs,
  transmissionUs,
} from "../../../node/link/link-delay.ts";
import type { Transport } from "../../../node/ports/transport.ts";
import { DELIVER, packLink } from "./event-kinds.ts";
import type { EventQueue } from "./event-queue.ts";
import { DRAW_SEED, FLOATS, INTS, LAST_ARRIVAL_US, MODEL, PEER_END } from "./link-records.ts";
import { AS_NOTE, type SilentAnnouncements, WITHOUT_EFFECT } from "./silent-announcements.ts";
import type { SimLinks } from "./sim-links.ts";
import { UnheardMessages } from "./unheard-messages.ts";

/** Salts of what is drawn for one message of one link. */
const LATENCY_SALT = 1;
const LOSS_SALT = 2;

export interface UplinkConditions {
  readonly uplinkBitsPerSec: number | null;
  readonly blockPaddingBytes: number;
}

/** Carries messages over simulated links: works out when each arrives, and schedules it. */
export class SimTransport implements Transport {
  readonly links: SimLinks;
  /** By node; a node that is down neither sends nor gets anything. */
  readonly up: Uint8Array;
  readonly incarnation: Int32Array;
  /** By node, bits per second; infinite where there is no limit. */
  readonly uplinkBitsPerSec: Float64Array;
  /** By node, since the start: messages handed to a link, and their bytes. */
  readonly sentMessages: Float64Array;
  readonly sentBytes: Float64Array;
  /** Null while every announcement is to make an event of its own. */
  silent: SilentAnnouncements | null = null;
  /** Links that a node wants to end, to be told of it by the simulation. */
  readonly ended: { readonly view: number; readonly link: number; readonly reason: string }[] = [];
  readonly #queue: EventQueue<Message>;
  readonly #unheard: UnheardMessages;
  readonly #uplinkBusyUntilUs: Float64Array;
  readonly #blockPaddingBytes: number;

  constructor(queue: EventQueue<Message>, nodeCount: number, links: SimLinks, conditions: UplinkConditions) {
    this.#queue = queue;
    this.links = links;
    this.#unheard = new UnheardMessages(nodeCount, links.linkCountMax);
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
    this.#carry(view, link, message, this.#departure(view, this.#sizeOf(message)));
  }

  sendToMany(view: number, firstLink: number, linkBits: number, message: Message): void {
    const bytes = this.#sizeOf(message);
    if (message.kind === "announce" && this.silent !== null && !this.links.anyLoss && bytes <= PACKET_BYTES) {
      this.#announceToMany(this.silent, view, firstLink, linkBits, message);
      return;
    }
    for (let bits = linkBits; bits !== 0; bits &= bits - 1)
      this.#carry(view, firstLink + 31 - Math.clz32(bits & -bits), message, this.#departure(view, bytes));
  }

  disconnect(view: number, link: number, reason: string): void {
    this.ended.push({ view, link, reason });
  }

  /** Conditions of a node's links are about to change: what was put off is worked out by the old ones. */
  settle(view: number): void {
    this.#hearAll(view);
  }

  #sizeOf(message: Message): number {
    return message.kind === "block" ? message.sizeBytes + this.#blockPaddingBytes : message.sizeBytes;
  }

  /** Counts the message and gives the time at which its last bit leaves the sender. */
  #departure(view: number, bytes: number): Micros {
    this.sentMessages[view] = (this.sentMessages[view] as number) + 1;
    this.sentBytes[view] = (this.sentBytes[view] as number) + bytes;
    const { nowUs } = this.#queue;
    const bitsPerSec = this.uplinkBitsPerSec[view] as number;
    if (bitsPerSec === Number.POSITIVE_INFINITY) return nowUs;
    const durationUs = transmissionUs(bytes, bitsPerSec);
    const busyUntilUs = this.#uplinkBusyUntilUs[view] as Micros;
    this.#uplinkBusyUntilUs[view] = (busyUntilUs > nowUs ? busyUntilUs : nowUs) + durationUs;
    return departureUs(nowUs, busyUntilUs, bytes, durationUs);
  }

  /**
   * Announcements of one packet at once: they leave together, because none waits for another. Those whose receivers hold the
   * block are only remembered, a bit each.
   */
  #announceToMany(
    silent: SilentAnnouncements,
    view: number,
    firstLink: number,
    linkBits: number,
    message: BlockMessage,
  ): void {
    this.#hearAll(view);
    const firstEnd = (this.links.firstEnd[view] as number) + firstLink;
    const { peer, cutCount } = this.links;
    const { status } = message.block.beliefs;
    let departedUs = 0;
    let unheard = 0;
    for (let bits = linkBits; bits !== 0; bits &= bits - 1) {
      const place = 31 - Math.clz32(bits & -bits);
      departedUs = this.#departure(view, message.sizeBytes);
      if (cutCount === 0 && silent.isWithoutEffect(status, peer[firstEnd + place] as number))
        unheard |= 1 << place;
      else this.#carry(view, firstLink + place, message, departedUs);
    }
    if (unheard !== 0) this.#unheard.put(view, firstLink, unheard, departedUs, message.drawKey);
  }

  #carry(view: number, link: number, message: Message, sentUs: Micros): void {
    const end = (this.links.firstEnd[view] as number) + link;
    const target = this.links.peer[end] as number;
    if (this.up[target] === 0 || (this.links.cutCount > 0 && this.links.isCut(end))) return;
    const departedUs = this.links.anyLoss ? this.#afterLosses(end, message.drawKey, sentUs) : sentUs;
    if (this.#unheard.take(view, link)) this.#hear(view, end, departedUs);
    const arrivalUs = this.#arrive(end, message.drawKey, departedUs);
    if (this.silent !== null && message.kind === "announce") {
      const receiverEnd = this.links.records.ints[end * INTS + PEER_END] as number;
      const fate = this.silent.fateOf(message, target, receiverEnd);
      if (fate === AS_NOTE) this.silent.note(message, target, receiverEnd, arrivalUs);
      if (fate === AS_NOTE || fate === WITHOUT_EFFECT) return;
    }
    this.#queue.schedule(arrivalUs, DELIVER, target, this.#detail(end, target), message);
  }

  /** Draws the latency, and keeps the link's order. */
  #arrive(end: number, drawKey: number, departedUs: Micros): Micros {
    const { ints, floats } = this.links.records;
    const sampler = this.links.samplers[ints[end * INTS + MODEL] as number] as LatencySampler;
    const bits = murmur3(ints[end * INTS + DRAW_SEED] as number, drawKey, LATENCY_SALT);
    const drawnUs = departedUs + sampler.drawUs(bits);
    const lastUs = floats[end * FLOATS + LAST_ARRIVAL_US] as Micros;
    const arrivalUs = drawnUs > lastUs ? drawnUs : lastUs;
    floats[end * FLOATS + LAST_ARRIVAL_US] = arrivalUs;
    return arrivalUs;
  }

  /** Works an unheard message's arrival out, if it can matter to one that leaves at `nextDepartureUs`. */
  #hear(view: number, end: number, nextDepartureUs: Micros): void {
    const departedUs = this.#unheard.departedUs[view] as Micros;
    if (departedUs + this.links.longestUs > nextDepartureUs)
      this.#arrive(end, this.#unheard.drawKey[view] as number, departedUs);
  }

  #hearAll(view: number): void {
    const firstEnd = this.links.firstEnd[view] as number;
    for (let link = this.#unheard.takeAny(view); link !== -1; link = this.#unheard.takeAny(view))
      this.#hear(view, firstEnd + link, this.#queue.nowUs);
  }

  #afterLosses(end: number, drawKey: number, sentUs: Micros): Micros {
    const ratio = this.links.lossRatio[end] as number;
    if (ratio === 0) return sentUs;
    const seed = this.links.records.int(end, DRAW_SEED);
    return sentUs + retransmissionUs(ratio, keyedUniform(seed, drawKey, LOSS_SALT));
  }

  #detail(end: number, target: number): number {
    const receiverEnd = this.links.records.ints[end * INTS + PEER_END] as number;
    return packLink(
      receiverEnd - (this.links.firstEnd[target] as number),
      this.incarnation[target] as number,
    );
  }
}

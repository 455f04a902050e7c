import type { BlockMessage, Message } from "../../../node/core/state/messages.ts";
import { invariant } from "../../../node/core/support/invariant.ts";
import type { Micros } from "../../../node/core/support/micros.ts";
import { keyedUniform, streamSeed } from "../../../node/core/support/prng.ts";
import { drawLatencyUs, type LatencyModel, longestLatencyUs } from "../../../node/link/latency.ts";
import { departureUs, retransmissionUs, transmissionUs } from "../../../node/link/link-delay.ts";
import type { Transport } from "../../../node/ports/transport.ts";
import type { PlannedEdge } from "../../plan.ts";
import { DELIVER, LINK_COUNT_MAX, packLink } from "./event-kinds.ts";
import type { EventQueue } from "./event-queue.ts";
import { AS_EVENT, AS_NOTE, type SilentAnnouncements } from "./silent-announcements.ts";

/** Salts of what is drawn for one message of one link. */
const LATENCY_SALT = 1;
const LOSS_SALT = 2;

export interface NetworkConditions {
  readonly seed: string;
  readonly lossRatio: number;
  readonly uplinkBitsPerSec: number | null;
  readonly blockPaddingBytes: number;
}

/**
 * The links of a simulated network. A link has two ends, one at each node, numbered `firstEnd[node] + link`; what belongs to
 * a direction is kept by the sender's end, in typed arrays, so that the ends of a node lie side by side.
 */
export class SimTransport implements Transport {
  readonly firstEnd: Int32Array;
  /** By end: the node at the other end, and which of its links this one is. */
  readonly peer: Int32Array;
  readonly peerLink: Int32Array;
  /** By sender's end. */
  readonly latency: LatencyModel[];
  readonly lossRatio: Float64Array;
  readonly cut: Uint8Array;
  /** By node; a node that is down neither sends nor gets anything. */
  readonly up: Uint8Array;
  readonly incarnation: Int32Array;
  readonly uplinkBitsPerSec: (number | null)[];
  /** By node, since the start: messages handed to a link, and their bytes. */
  readonly sentMessages: Float64Array;
  readonly sentBytes: Float64Array;
  /** Null while every announcement is to make an event of its own. */
  silent: SilentAnnouncements | null = null;
  /** Links that a node wants to end, to be told of it by the simulation. */
  readonly ended: { readonly view: number; readonly link: number; readonly reason: string }[] = [];
  readonly #queue: EventQueue<Message>;
  readonly #drawSeed: Uint32Array;
  readonly #lastArrivalUs: Float64Array;
  /** By sender's end: departure and draw of the last message, if it made no event and its arrival was not worked out. */
  readonly #deferredUs: Float64Array;
  readonly #deferredKey: Uint32Array;
  readonly #longestLatencyUs: Float64Array;
  #cutCount = 0;
  readonly #uplinkBusyUntilUs: Float64Array;
  readonly #blockPaddingBytes: number;

  constructor(
    queue: EventQueue<Message>,
    nodeCount: number,
    edges: readonly PlannedEdge[],
    conditions: NetworkConditions,
  ) {
    this.#queue = queue;
    this.#blockPaddingBytes = conditions.blockPaddingBytes;
    const ends = 2 * edges.length;
    this.firstEnd = firstEnds(nodeCount, edges);
    this.peer = new Int32Array(ends);
    this.peerLink = new Int32Array(ends);
    this.latency = new Array<LatencyModel>(ends).fill(NO_LATENCY);
    this.lossRatio = new Float64Array(ends).fill(conditions.lossRatio);
    this.cut = new Uint8Array(ends);
    this.#drawSeed = new Uint32Array(ends);
    this.#lastArrivalUs = new Float64Array(ends);
    this.#deferredUs = new Float64Array(ends).fill(NOTHING_DEFERRED);
    this.#deferredKey = new Uint32Array(ends);
    this.#longestLatencyUs = new Float64Array(ends);
    this.up = new Uint8Array(nodeCount).fill(1);
    this.incarnation = new Int32Array(nodeCount);
    this.uplinkBitsPerSec = new Array<number | null>(nodeCount).fill(conditions.uplinkBitsPerSec);
    this.#uplinkBusyUntilUs = new Float64Array(nodeCount);
    this.sentMessages = new Float64Array(nodeCount);
    this.sentBytes = new Float64Array(nodeCount);
    this.#connect(nodeCount, edges, conditions.seed);
  }

  send(view: number, link: number, message: Message): void {
    const end = (this.firstEnd[view] as number) + link;
    const bytes = message.kind === "block" ? message.sizeBytes + this.#blockPaddingBytes : message.sizeBytes;
    this.sentMessages[view] = (this.sentMessages[view] as number) + 1;
    this.sentBytes[view] = (this.sentBytes[view] as number) + bytes;
    const target = this.peer[end] as number;
    if (this.cut[end] === 1 || this.up[target] === 0) return;
    const departedUs = this.#departure(view, end, message.drawKey, bytes);
    if (message.kind === "announce" && this.silent !== null) {
      this.#announce(this.silent, end, target, message, departedUs);
      return;
    }
    const arrivalUs = this.#arrivalUs(end, message.drawKey, departedUs);
    this.#queue.schedule(arrivalUs, DELIVER, target, this.#detail(end, target), message);
  }

  disconnect(view: number, link: number, reason: string): void {
    this.ended.push({ view, link, reason });
  }

  linkCount(node: number): number {
    return (this.firstEnd[node + 1] as number) - (this.firstEnd[node] as number);
  }

  /** The sender's end of the direction from `source` to `target`; -1 when no link joins them. */
  endOf(source: number, target: number): number {
    for (let end = this.firstEnd[source] as number; end < (this.firstEnd[source + 1] as number); end++)
      if (this.peer[end] === target) return end;
    return -1;
  }

  /** Whether the direction in which a message came over this link of its receiver is cut. */
  isCutTowards(node: number, link: number): boolean {
    if (this.#cutCount === 0) return false;
    const end = (this.firstEnd[node] as number) + link;
    const senderEnd = (this.firstEnd[this.peer[end] as number] as number) + (this.peerLink[end] as number);
    return this.cut[senderEnd] === 1;
  }

  setCut(end: number, cut: boolean): void {
    const now = cut ? 1 : 0;
    this.#cutCount += now - (this.cut[end] as number);
    this.cut[end] = now;
  }

  setLatency(end: number, latency: LatencyModel): void {
    this.#resolveDeferred(end);
    this.latency[end] = latency;
    this.#longestLatencyUs[end] = longestLatencyUs(latency);
  }

  #announce(
    silent: SilentAnnouncements,
    end: number,
    target: number,
    message: BlockMessage,
    departedUs: Micros,
  ): void {
    const receiverEnd = (this.firstEnd[target] as number) + (this.peerLink[end] as number);
    const fate = silent.fateOf(message, target, receiverEnd);
    if (fate !== AS_EVENT && fate !== AS_NOTE) {
      this.#deferArrival(end, message.drawKey, departedUs);
      return;
    }
    const arrivalUs = this.#arrivalUs(end, message.drawKey, departedUs);
    const detail = this.#detail(end, target);
    if (fate === AS_NOTE) silent.note(message, target, receiverEnd, arrivalUs, detail);
    else this.#queue.schedule(arrivalUs, DELIVER, target, detail, message);
  }

  #detail(end: number, target: number): number {
    return packLink(this.peerLink[end] as number, this.incarnation[target] as number);
  }

  /** When a message leaves the sender for good: its turn on the uplink, its time on it, and what losses add. */
  #departure(view: number, end: number, drawKey: number, bytes: number): Micros {
    let departedUs = this.#queue.nowUs;
    const bitsPerSec = this.uplinkBitsPerSec[view] as number | null;
    if (bitsPerSec !== null) {
      const durationUs = transmissionUs(bytes, bitsPerSec);
      const busyUntilUs = this.#uplinkBusyUntilUs[view] as Micros;
      this.#uplinkBusyUntilUs[view] = Math.max(departedUs, busyUntilUs) + durationUs;
      departedUs = departureUs(departedUs, busyUntilUs, bytes, durationUs);
    }
    const lossRatio = this.lossRatio[end] as number;
    if (lossRatio === 0) return departedUs;
    return (
      departedUs +
      retransmissionUs(lossRatio, keyedUniform(this.#drawSeed[end] as number, drawKey, LOSS_SALT))
    );
  }

  #arrivalUs(end: number, drawKey: number, departedUs: Micros): Micros {
    this.#resolveDeferred(end, departedUs);
    const seed = this.#drawSeed[end] as number;
    const drawnUs =
      departedUs +
      drawLatencyUs(this.latency[end] as LatencyModel, keyedUniform(seed, drawKey, LATENCY_SALT));
    const lastUs = this.#lastArrivalUs[end] as Micros;
    const arrivalUs = drawnUs > lastUs ? drawnUs : lastUs;
    this.#lastArrivalUs[end] = arrivalUs;
    return arrivalUs;
  }

  /**
   * A message that makes no event still keeps later ones of its link in order. When it arrives is only worked out when a message follows
   * so closely that it could matter, which is seldom.
   */
  #deferArrival(end: number, drawKey: number, departedUs: Micros): void {
    this.#resolveDeferred(end, departedUs);
    this.#deferredUs[end] = departedUs;
    this.#deferredKey[end] = drawKey;
  }

  #resolveDeferred(end: number, nextDepartureUs = 0): void {
    const departedUs = this.#deferredUs[end] as Micros;
    if (departedUs === NOTHING_DEFERRED) return;
    this.#deferredUs[end] = NOTHING_DEFERRED;
    if (departedUs + (this.#longestLatencyUs[end] as Micros) <= nextDepartureUs) return;
    const uniform = keyedUniform(
      this.#drawSeed[end] as number,
      this.#deferredKey[end] as number,
      LATENCY_SALT,
    );
    const arrivalUs = departedUs + drawLatencyUs(this.latency[end] as LatencyModel, uniform);
    if (arrivalUs > (this.#lastArrivalUs[end] as Micros)) this.#lastArrivalUs[end] = arrivalUs;
  }

  #connect(nodeCount: number, edges: readonly PlannedEdge[], seed: string): void {
    const used = new Int32Array(nodeCount);
    for (const { a, b, latency } of edges) {
      const linkAtA = used[a] as number;
      const linkAtB = used[b] as number;
      used[a] = linkAtA + 1;
      used[b] = linkAtB + 1;
      const endAtA = (this.firstEnd[a] as number) + linkAtA;
      const endAtB = (this.firstEnd[b] as number) + linkAtB;
      this.peer[endAtA] = b;
      this.peer[endAtB] = a;
      this.peerLink[endAtA] = linkAtB;
      this.peerLink[endAtB] = linkAtA;
      this.setLatency(endAtA, latency);
      this.setLatency(endAtB, latency);
      this.#drawSeed[endAtA] = streamSeed(seed, `link node-${a}>node-${b}`);
      this.#drawSeed[endAtB] = streamSeed(seed, `link node-${b}>node-${a}`);
    }
  }
}

const NOTHING_DEFERRED = -1;
const NO_LATENCY: LatencyModel = { kind: "constant", delayUs: 0 };

function firstEnds(nodeCount: number, edges: readonly PlannedEdge[]): Int32Array {
  const first = new Int32Array(nodeCount + 1);
  for (const { a, b } of edges) {
    first[a + 1] = (first[a + 1] as number) + 1;
    first[b + 1] = (first[b + 1] as number) + 1;
  }
  for (let node = 0; node < nodeCount; node++) {
    invariant(
      (first[node + 1] as number) <= LINK_COUNT_MAX,
      `node ${node} has more than ${LINK_COUNT_MAX} links`,
    );
    first[node + 1] = (first[node + 1] as number) + (first[node] as number);
  }
  return first;
}

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
import { LinkRecords, NOTHING_DEFERRED } from "./link-records.ts";
import { AS_NOTE, type SilentAnnouncements, WITHOUT_EFFECT } from "./silent-announcements.ts";

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
 * The links of a simulated network. A link has two ends, one at each node, numbered `firstEnd[node] + link`. A direction is named by
 * its sender's end.
 */
export class SimTransport implements Transport {
  readonly firstEnd: Int32Array;
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
  readonly #records: LinkRecords;
  readonly #models: LatencyModel[] = [];
  readonly #uplinkBusyUntilUs: Float64Array;
  readonly #blockPaddingBytes: number;
  #cutCount = 0;

  constructor(
    queue: EventQueue<Message>,
    nodeCount: number,
    edges: readonly PlannedEdge[],
    conditions: NetworkConditions,
  ) {
    this.#queue = queue;
    this.#blockPaddingBytes = conditions.blockPaddingBytes;
    this.firstEnd = firstEnds(nodeCount, edges);
    this.#records = new LinkRecords(2 * edges.length);
    this.up = new Uint8Array(nodeCount).fill(1);
    this.incarnation = new Int32Array(nodeCount);
    this.uplinkBitsPerSec = new Array<number | null>(nodeCount).fill(conditions.uplinkBitsPerSec);
    this.#uplinkBusyUntilUs = new Float64Array(nodeCount);
    this.sentMessages = new Float64Array(nodeCount);
    this.sentBytes = new Float64Array(nodeCount);
    this.#connect(nodeCount, edges, conditions);
  }

  send(view: number, link: number, message: Message): void {
    const end = (this.firstEnd[view] as number) + link;
    const bytes = message.kind === "block" ? message.sizeBytes + this.#blockPaddingBytes : message.sizeBytes;
    this.sentMessages[view] = (this.sentMessages[view] as number) + 1;
    this.sentBytes[view] = (this.sentBytes[view] as number) + bytes;
    const target = this.#records.peer(end);
    if (this.up[target] === 0 || this.#records.isCut(end)) return;
    const departedUs = this.#departure(view, end, message.drawKey, bytes);
    if (message.kind === "announce" && this.silent !== null)
      this.#announce(this.silent, end, target, message, departedUs);
    else this.#deliverLater(end, target, message, this.#arrivalUs(end, message.drawKey, departedUs));
  }

  disconnect(view: number, link: number, reason: string): void {
    this.ended.push({ view, link, reason });
  }

  linkCount(node: number): number {
    return (this.firstEnd[node + 1] as number) - (this.firstEnd[node] as number);
  }

  /** The node at the other side of a link, and which of its links it is. */
  peerOf(node: number, link: number): { readonly peer: number; readonly peerLink: number } {
    const end = (this.firstEnd[node] as number) + link;
    const peer = this.#records.peer(end);
    return { peer, peerLink: this.#records.peerEnd(end) - (this.firstEnd[peer] as number) };
  }

  /** The direction from `source` to `target`; -1 when no link joins them. */
  endOf(source: number, target: number): number {
    for (let end = this.firstEnd[source] as number; end < (this.firstEnd[source + 1] as number); end++)
      if (this.#records.peer(end) === target) return end;
    return -1;
  }

  /** Whether the direction in which a message came over this link of its receiver is cut. */
  isCutTowards(node: number, link: number): boolean {
    if (this.#cutCount === 0) return false;
    return this.#records.isCut(this.#records.peerEnd((this.firstEnd[node] as number) + link));
  }

  isCut(end: number): boolean {
    return this.#records.isCut(end);
  }

  setCut(end: number, cut: boolean): void {
    if (this.#records.isCut(end) === cut) return;
    this.#cutCount += cut ? 1 : -1;
    this.#records.setCut(end, cut);
  }

  latencyOf(end: number): LatencyModel {
    return this.#models[this.#records.model(end)] as LatencyModel;
  }

  setLatency(end: number, latency: LatencyModel): void {
    this.#resolveDeferred(end, 0);
    let model = this.#models.indexOf(latency);
    if (model === -1) model = this.#models.push(latency) - 1;
    this.#records.setModel(end, model);
    this.#records.setLongestLatencyUs(end, longestLatencyUs(latency));
  }

  lossRatioOf(end: number): number {
    return this.#records.lossRatio(end);
  }

  setLossRatio(end: number, ratio: number): void {
    this.#resolveDeferred(end, 0);
    this.#records.setLossRatio(end, ratio);
  }

  #announce(
    silent: SilentAnnouncements,
    end: number,
    target: number,
    message: BlockMessage,
    departedUs: Micros,
  ): void {
    const receiverEnd = this.#records.peerEnd(end);
    const fate = silent.fateOf(message, target, receiverEnd);
    if (fate === WITHOUT_EFFECT) {
      this.#resolveDeferred(end, departedUs);
      this.#records.setDeferred(end, departedUs, message.drawKey);
      return;
    }
    const arrivalUs = this.#arrivalUs(end, message.drawKey, departedUs);
    if (fate === AS_NOTE) silent.note(message, target, receiverEnd, arrivalUs);
    else this.#deliverLater(end, target, message, arrivalUs);
  }

  #deliverLater(end: number, target: number, message: Message, arrivalUs: Micros): void {
    const link = this.#records.peerEnd(end) - (this.firstEnd[target] as number);
    const detail = packLink(link, this.incarnation[target] as number);
    this.#queue.schedule(arrivalUs, DELIVER, target, detail, message);
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
    const lossRatio = this.#records.lossRatio(end);
    if (lossRatio === 0) return departedUs;
    return (
      departedUs + retransmissionUs(lossRatio, keyedUniform(this.#records.drawSeed(end), drawKey, LOSS_SALT))
    );
  }

  #arrivalUs(end: number, drawKey: number, departedUs: Micros): Micros {
    this.#resolveDeferred(end, departedUs);
    return this.#arrive(end, drawKey, departedUs);
  }

  /** Draws the latency and keeps the link's order. */
  #arrive(end: number, drawKey: number, departedUs: Micros): Micros {
    const model = this.#models[this.#records.model(end)] as LatencyModel;
    const uniform = keyedUniform(this.#records.drawSeed(end), drawKey, LATENCY_SALT);
    const arrivalUs = Math.max(departedUs + drawLatencyUs(model, uniform), this.#records.lastArrivalUs(end));
    this.#records.setLastArrivalUs(end, arrivalUs);
    return arrivalUs;
  }

  /**
   * A message that makes no event still keeps later ones of its link in order. When it arrives is only worked out when a message follows
   * so closely that it could matter, which is seldom.
   */
  #resolveDeferred(end: number, nextDepartureUs: Micros): void {
    const departedUs = this.#records.deferredUs(end);
    if (departedUs === NOTHING_DEFERRED) return;
    const drawKey = this.#records.deferredKey(end);
    this.#records.setDeferred(end, NOTHING_DEFERRED, 0);
    if (departedUs + this.#records.longestLatencyUs(end) > nextDepartureUs)
      this.#arrive(end, drawKey, departedUs);
  }

  #connect(nodeCount: number, edges: readonly PlannedEdge[], conditions: NetworkConditions): void {
    const nextEnd = this.firstEnd.slice(0, nodeCount);
    for (const { a, b, latency } of edges) {
      const endAtA = nextEnd[a] as number;
      const endAtB = nextEnd[b] as number;
      nextEnd[a] = endAtA + 1;
      nextEnd[b] = endAtB + 1;
      this.#open(endAtA, a, endAtB, b, latency, conditions);
      this.#open(endAtB, b, endAtA, a, latency, conditions);
    }
  }

  #open(
    end: number,
    node: number,
    peerEnd: number,
    peer: number,
    latency: LatencyModel,
    conditions: NetworkConditions,
  ): void {
    this.#records.setPeer(end, peer);
    this.#records.setPeerEnd(end, peerEnd);
    this.#records.setDrawSeed(end, streamSeed(conditions.seed, `link node-${node}>node-${peer}`));
    this.#records.setLossRatio(end, conditions.lossRatio);
    this.#records.setDeferred(end, NOTHING_DEFERRED, 0);
    this.setLatency(end, latency);
  }
}

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

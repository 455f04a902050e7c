import { invariant } from "../../../node/core/support/invariant.ts";
import type { Micros } from "../../../node/core/support/micros.ts";
import { murmur3, streamSeed } from "../../../node/core/support/prng.ts";
import { type LatencyModel, longestLatencyUs } from "../../../node/link/latency.ts";
import { LatencySampler } from "../../../node/link/latency-sampler.ts";
import { LATENCY_SALT } from "../../../node/link/link-shaper.ts";
import type { PlannedEdge } from "../../plan.ts";
import {
  DRAW_SEED,
  EndRecords,
  FLOATS,
  INTS,
  LAST_ARRIVAL_US,
  MODEL,
  PEER,
  PEER_LINK,
} from "./end-records.ts";
import { LINK_COUNT_MAX } from "./event-kinds.ts";

export interface LinkConditions {
  readonly seed: string;
  readonly lossRatio: number;
}

/**
 * The links of a simulated network and their conditions. A link has two ends, one at each node, numbered `firstEnd[node] + link`. A
 * direction is named by its receiver's end.
 */
export class SimLinks {
  readonly firstEnd: Int32Array;
  readonly lossRatio: Float64Array;
  /** Whether any direction loses packets, or is cut: nearly always none, so nobody need look at each. */
  anyLoss: boolean;
  cutCount = 0;
  /** No draw of any direction was ever longer. */
  longestOfAllUs: Micros = 0;
  readonly #records: EndRecords;
  /** By direction: 1 while it is cut. */
  readonly #cut: Uint8Array;
  /** By the record's MODEL; directions of one model share an entry. */
  readonly #models: LatencyModel[] = [];
  readonly #samplers: LatencySampler[] = [];
  readonly #longestUs: Micros[] = [];

  constructor(nodeCount: number, edges: readonly PlannedEdge[], conditions: LinkConditions) {
    const ends = 2 * edges.length;
    this.firstEnd = firstEnds(nodeCount, edges);
    this.#records = new EndRecords(ends);
    this.#cut = new Uint8Array(ends);
    this.lossRatio = new Float64Array(ends).fill(conditions.lossRatio);
    this.anyLoss = conditions.lossRatio > 0;
    const nextEnd = this.firstEnd.slice(0, nodeCount);
    for (const { a, b, latency } of edges) {
      const endAtA = nextEnd[a] as number;
      const endAtB = nextEnd[b] as number;
      nextEnd[a] = endAtA + 1;
      nextEnd[b] = endAtB + 1;
      const model = this.#modelOf(latency);
      this.#join(endAtA, b, endAtB);
      this.#join(endAtB, a, endAtA);
      this.#open(endAtB, streamSeed(conditions.seed, `link node-${a}>node-${b}`), model);
      this.#open(endAtA, streamSeed(conditions.seed, `link node-${b}>node-${a}`), model);
    }
  }

  /** Links of the node that has most; at least 1. */
  get linkCountMax(): number {
    let most = 1;
    for (let node = 0; node + 1 < this.firstEnd.length; node++) most = Math.max(most, this.linkCount(node));
    return most;
  }

  linkCount(node: number): number {
    return (this.firstEnd[node + 1] as number) - (this.firstEnd[node] as number);
  }

  /** The node at the other end. */
  peer(end: number): number {
    return this.#records.ints[end * INTS + PEER] as number;
  }

  /** Which link of the node at the other end this is. */
  peerLink(end: number): number {
    return this.#records.ints[end * INTS + PEER_LINK] as number;
  }

  /** The node at the other side of a link, and which of its links it is. */
  peerOf(node: number, link: number): { readonly peer: number; readonly peerLink: number } {
    const end = (this.firstEnd[node] as number) + link;
    return { peer: this.peer(end), peerLink: this.peerLink(end) };
  }

  /** The direction from `source` to `target`; -1 when no link joins them. */
  directionOf(source: number, target: number): number {
    for (let end = this.firstEnd[target] as number; end < (this.firstEnd[target + 1] as number); end++)
      if (this.peer(end) === source) return end;
    return -1;
  }

  /** When a message that leaves now arrives: its latency drawn, behind all that went before; and the next may not overtake it. */
  arrivalUs(direction: number, drawKey: number, departedUs: Micros): Micros {
    const atUs = this.peekArrivalUs(direction, drawKey, departedUs);
    this.#records.floats[direction * FLOATS + LAST_ARRIVAL_US] = atUs;
    return atUs;
  }

  /** The same, but nothing is sent. */
  peekArrivalUs(direction: number, drawKey: number, departedUs: Micros): Micros {
    const { ints, floats } = this.#records;
    const sampler = this.#samplers[ints[direction * INTS + MODEL] as number] as LatencySampler;
    const bits = murmur3(ints[direction * INTS + DRAW_SEED] as number, drawKey, LATENCY_SALT);
    const drawnUs = departedUs + sampler.drawUs(bits);
    const lastUs = floats[direction * FLOATS + LAST_ARRIVAL_US] as Micros;
    return drawnUs > lastUs ? drawnUs : lastUs;
  }

  /** Whether a message with this departure has arrived for certain, whatever its draw: a look instead of a draw. */
  hasSurelyArrived(direction: number, departedUs: Micros, nowUs: Micros): boolean {
    const { ints, floats } = this.#records;
    const longestUs = this.#longestUs[ints[direction * INTS + MODEL] as number] as Micros;
    return departedUs + longestUs < nowUs && (floats[direction * FLOATS + LAST_ARRIVAL_US] as Micros) < nowUs;
  }

  /** No draw of this direction is longer. */
  longestUs(direction: number): Micros {
    return this.#longestUs[this.#records.int(direction, MODEL)] as Micros;
  }

  drawSeed(direction: number): number {
    return this.#records.int(direction, DRAW_SEED);
  }

  isCut(direction: number): boolean {
    return this.#cut[direction] === 1;
  }

  setCut(direction: number, cut: boolean): void {
    if (this.isCut(direction) === cut) return;
    this.cutCount += cut ? 1 : -1;
    this.#cut[direction] = cut ? 1 : 0;
  }

  latencyOf(direction: number): LatencyModel {
    const model = this.#models[this.#records.int(direction, MODEL)];
    invariant(model !== undefined, `direction ${direction} has no latency`);
    return model;
  }

  setLatency(direction: number, latency: LatencyModel): void {
    this.#records.setInt(direction, MODEL, this.#modelOf(latency));
  }

  setLossRatio(direction: number, ratio: number): void {
    this.lossRatio[direction] = ratio;
    this.anyLoss = this.lossRatio.some((other) => other > 0);
  }

  #join(end: number, peer: number, peerEnd: number): void {
    this.#records.setInt(end, PEER, peer);
    this.#records.setInt(end, PEER_LINK, peerEnd - (this.firstEnd[peer] as number));
  }

  #open(direction: number, drawSeed: number, model: number): void {
    this.#records.setInt(direction, DRAW_SEED, drawSeed);
    this.#records.setInt(direction, MODEL, model);
  }

  #modelOf(latency: LatencyModel): number {
    const known = this.#models.indexOf(latency);
    if (known !== -1) return known;
    const longestUs = longestLatencyUs(latency);
    this.#longestUs.push(longestUs);
    this.longestOfAllUs = Math.max(this.longestOfAllUs, longestUs);
    this.#samplers.push(new LatencySampler(latency));
    return this.#models.push(latency) - 1;
  }
}

function firstEnds(nodeCount: number, edges: readonly PlannedEdge[]): Int32Array {
  const first = new Int32Array(nodeCount + 1);
  for (const { a, b } of edges) {
    first[a + 1] = (first[a + 1] as number) + 1;
    first[b + 1] = (first[b + 1] as number) + 1;
  }
  for (let node = 0; node < nodeCount; node++) {
    const count = first[node + 1] as number;
    invariant(count <= LINK_COUNT_MAX, `node ${node} has more than ${LINK_COUNT_MAX} links`);
    first[node + 1] = count + (first[node] as number);
  }
  return first;
}

import { invariant } from "../../../node/core/support/invariant.ts";
import type { Micros } from "../../../node/core/support/micros.ts";
import { streamSeed } from "../../../node/core/support/prng.ts";
import { type LatencyModel, longestLatencyUs } from "../../../node/link/latency.ts";
import { LatencySampler } from "../../../node/link/latency-sampler.ts";
import type { PlannedEdge } from "../../plan.ts";
import { LINK_COUNT_MAX } from "./event-kinds.ts";
import { CUT, DRAW_SEED, LinkRecords, MODEL, PEER_END } from "./link-records.ts";

export interface LinkConditions {
  readonly seed: string;
  readonly lossRatio: number;
}

/**
 * The links of a simulated network and their conditions. A link has two ends, one at each node, numbered `firstEnd[node] + link`; a
 * direction is named by its sender's end.
 */
export class SimLinks {
  readonly firstEnd: Int32Array;
  /** By end: the node at the other end. */
  readonly peer: Int32Array;
  readonly records: LinkRecords;
  /** By the record's MODEL; two links of one model share an entry. */
  readonly samplers: LatencySampler[] = [];
  /** No draw of any model is longer. */
  longestUs: Micros = 0;
  readonly lossRatio: Float64Array;
  /** Whether any direction loses packets, or is cut: nearly always none, so nobody need look at each. */
  anyLoss: boolean;
  cutCount = 0;
  readonly #models: LatencyModel[] = [];

  constructor(nodeCount: number, edges: readonly PlannedEdge[], conditions: LinkConditions) {
    this.firstEnd = firstEnds(nodeCount, edges);
    this.peer = new Int32Array(2 * edges.length);
    this.records = new LinkRecords(2 * edges.length);
    this.lossRatio = new Float64Array(2 * edges.length).fill(conditions.lossRatio);
    this.anyLoss = conditions.lossRatio > 0;
    const nextEnd = this.firstEnd.slice(0, nodeCount);
    for (const { a, b, latency } of edges) {
      const endAtA = nextEnd[a] as number;
      const endAtB = nextEnd[b] as number;
      nextEnd[a] = endAtA + 1;
      nextEnd[b] = endAtB + 1;
      const model = this.#modelOf(latency);
      this.#open(endAtA, endAtB, b, streamSeed(conditions.seed, `link node-${a}>node-${b}`), model);
      this.#open(endAtB, endAtA, a, streamSeed(conditions.seed, `link node-${b}>node-${a}`), model);
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

  /** The node at the other side of a link, and which of its links it is. */
  peerOf(node: number, link: number): { readonly peer: number; readonly peerLink: number } {
    const end = (this.firstEnd[node] as number) + link;
    const peer = this.peer[end] as number;
    return { peer, peerLink: this.records.int(end, PEER_END) - (this.firstEnd[peer] as number) };
  }

  /** The direction from `source` to `target`; -1 when no link joins them. */
  endOf(source: number, target: number): number {
    for (let end = this.firstEnd[source] as number; end < (this.firstEnd[source + 1] as number); end++)
      if (this.peer[end] === target) return end;
    return -1;
  }

  isCut(end: number): boolean {
    return this.records.int(end, CUT) === 1;
  }

  /** Whether the direction in which a message came over this link of its receiver is cut. */
  isCutTowards(node: number, link: number): boolean {
    if (this.cutCount === 0) return false;
    return this.isCut(this.records.int((this.firstEnd[node] as number) + link, PEER_END));
  }

  setCut(end: number, cut: boolean): void {
    if (this.isCut(end) === cut) return;
    this.cutCount += cut ? 1 : -1;
    this.records.setInt(end, CUT, cut ? 1 : 0);
  }

  latencyOf(end: number): LatencyModel {
    const model = this.#models[this.records.int(end, MODEL)];
    invariant(model !== undefined, `direction ${end} has no latency`);
    return model;
  }

  setLatency(end: number, latency: LatencyModel): void {
    this.records.setInt(end, MODEL, this.#modelOf(latency));
  }

  setLossRatio(end: number, ratio: number): void {
    this.lossRatio[end] = ratio;
    this.anyLoss = this.lossRatio.some((other) => other > 0);
  }

  #open(end: number, peerEnd: number, peer: number, drawSeed: number, model: number): void {
    this.peer[end] = peer;
    this.records.setInt(end, PEER_END, peerEnd);
    this.records.setInt(end, DRAW_SEED, drawSeed);
    this.records.setInt(end, MODEL, model);
  }

  #modelOf(latency: LatencyModel): number {
    const known = this.#models.indexOf(latency);
    if (known !== -1) return known;
    this.longestUs = Math.max(this.longestUs, longestLatencyUs(latency));
    this.samplers.push(new LatencySampler(latency));
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
    invariant(
      (first[node + 1] as number) <= LINK_COUNT_MAX,
      `node ${node} has more than ${LINK_COUNT_MAX} links`,
    );
    first[node + 1] = (first[node + 1] as number) + (first[node] as number);
  }
  return first;
}

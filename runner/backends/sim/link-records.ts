/** A record is one cache line, so that sending a message touches one of them. */
const RECORD_BYTES = 64;
const INTS = RECORD_BYTES / 4;
const FLOATS = RECORD_BYTES / 8;

/** Whole numbers of a record; the rest of the line holds the floats below. */
const PEER = 0;
const PEER_END = 1;
const DRAW_SEED = 2;
const DEFERRED_KEY = 3;
const MODEL = 4;
const CUT = 5;
/** Doubles of a record. */
const LAST_ARRIVAL_US = 3;
const DEFERRED_US = 4;
const LONGEST_LATENCY_US = 5;
const LOSS_RATIO = 6;

/**
 * What belongs to one direction of each link, by the sender's end: records side by side in one buffer. A node's ends
 * follow one another, so the announcements that it makes walk through memory in order.
 */
export class LinkRecords {
  readonly #ints: Int32Array;
  readonly #floats: Float64Array;

  constructor(endCount: number) {
    const buffer = new ArrayBuffer(endCount * RECORD_BYTES);
    this.#ints = new Int32Array(buffer);
    this.#floats = new Float64Array(buffer);
  }

  /** The node at the other end. */
  peer(end: number): number {
    return this.#ints[end * INTS + PEER] as number;
  }
  setPeer(end: number, node: number): void {
    this.#ints[end * INTS + PEER] = node;
  }

  /** The other end's own record. */
  peerEnd(end: number): number {
    return this.#ints[end * INTS + PEER_END] as number;
  }
  setPeerEnd(end: number, peerEnd: number): void {
    this.#ints[end * INTS + PEER_END] = peerEnd;
  }

  /** Seed of what is drawn for this direction. */
  drawSeed(end: number): number {
    return this.#ints[end * INTS + DRAW_SEED] as number;
  }
  setDrawSeed(end: number, seed: number): void {
    this.#ints[end * INTS + DRAW_SEED] = seed;
  }

  /** Place of the latency model in a table of models. */
  model(end: number): number {
    return this.#ints[end * INTS + MODEL] as number;
  }
  setModel(end: number, model: number): void {
    this.#ints[end * INTS + MODEL] = model;
  }

  isCut(end: number): boolean {
    return this.#ints[end * INTS + CUT] === 1;
  }
  setCut(end: number, cut: boolean): void {
    this.#ints[end * INTS + CUT] = cut ? 1 : 0;
  }

  /** When the message that was sent last arrives: none that follows may overtake it. */
  lastArrivalUs(end: number): number {
    return this.#floats[end * FLOATS + LAST_ARRIVAL_US] as number;
  }
  setLastArrivalUs(end: number, atUs: number): void {
    this.#floats[end * FLOATS + LAST_ARRIVAL_US] = atUs;
  }

  /** Departure of the last message, if it made no event and its arrival was not worked out yet; else NOTHING_DEFERRED. */
  deferredUs(end: number): number {
    return this.#floats[end * FLOATS + DEFERRED_US] as number;
  }
  deferredKey(end: number): number {
    return this.#ints[end * INTS + DEFERRED_KEY] as number;
  }
  setDeferred(end: number, departedUs: number, drawKey: number): void {
    this.#floats[end * FLOATS + DEFERRED_US] = departedUs;
    this.#ints[end * INTS + DEFERRED_KEY] = drawKey;
  }

  longestLatencyUs(end: number): number {
    return this.#floats[end * FLOATS + LONGEST_LATENCY_US] as number;
  }
  setLongestLatencyUs(end: number, latencyUs: number): void {
    this.#floats[end * FLOATS + LONGEST_LATENCY_US] = latencyUs;
  }

  lossRatio(end: number): number {
    return this.#floats[end * FLOATS + LOSS_RATIO] as number;
  }
  setLossRatio(end: number, ratio: number): void {
    this.#floats[end * FLOATS + LOSS_RATIO] = ratio;
  }
}

/** Times are never negative. */
export const NOTHING_DEFERRED = -1;

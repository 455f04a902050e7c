import { invariant } from "../../../node/core/support/invariant.ts";
import type { Micros } from "../../../node/core/support/micros.ts";
import { EventLane } from "./event-lane.ts";
import {
  AT_US,
  DETAIL,
  EVENT_FLOATS,
  EVENT_INTS,
  EventRecords,
  KIND,
  NEXT,
  NODE,
  SEQUENCE,
} from "./event-records.ts";
import { grown } from "./grown.ts";

/** A bucket of the finest wheel spans this many microseconds: about one event a bucket in a wave through 10,000 nodes. */
const TICK_US = 32;
const WHEEL_BITS = 12;
const WHEEL_SIZE = 1 << WHEEL_BITS;
const WHEEL_MASK = WHEEL_SIZE - 1;
/** Spans of the wheels: 131 ms, 9 minutes, 25 days, 285 years (all of 2^53 microseconds). */
const WHEEL_COUNT = 4;
const NONE = -1;

/**
 * The events of a simulation, taken in the order of (`atUs`, order of scheduling): total, so a seed has one history.
 *
 * A hierarchical timing wheel over typed arrays: adding and taking cost the same however many events wait, and no
 * object is made for any. Events of one bucket are put in order by a small heap when the bucket's turn comes. Source:
 * Varghese and Lauck, "Hashed and hierarchical timing wheels" (SOSP 1987).
 *
 * Taken events are named by a slot, whose fields may be read until the next `schedule`.
 */
export class EventQueue<Payload> {
  size = 0;
  /** Time of the event taken last; nothing can be scheduled before it. */
  nowUs: Micros = 0;
  /** Its place in the order of scheduling; Infinity once all that is due now was taken. */
  nowSequence = Number.POSITIVE_INFINITY;

  #room = 1 << 12;
  #records = new EventRecords(this.#room);
  /** By slot: what an event carries. */
  readonly payload: (Payload | null)[] = new Array(this.#room).fill(null);
  #free = NONE;
  #used = 0;
  #scheduled = 0;

  /** Events that were scheduled in the order of their times, as alarms of one length are: a ring, no sorting. */
  readonly #lane = new EventLane();

  /** First slot of each bucket, wheel after wheel. */
  readonly #heads = new Int32Array(WHEEL_COUNT * WHEEL_SIZE).fill(NONE);
  /** A bit for each bucket that is not empty. */
  readonly #occupied = new Int32Array((WHEEL_COUNT * WHEEL_SIZE) / 32);
  /** Digits of the current tick, finest wheel first: events that share all the coarser digits stand in a finer wheel. */
  #tick = 0;
  /** The current bucket, as a binary heap of slots. */
  #heap = new Int32Array(1 << 8);
  #heapSize = 0;

  schedule(atUs: Micros, kind: number, node: number, detail: number, payload: Payload | null): void {
    this.scheduleAs(this.reserveSequences(1), atUs, kind, node, detail, payload);
  }

  /** The first of `count` places in the order of scheduling, for events that may be scheduled later or never. */
  reserveSequences(count: number): number {
    const first = this.#scheduled;
    this.#scheduled += count;
    return first;
  }

  /** Schedules under a reserved number, as if it had been done when the number was taken. */
  scheduleAs(
    sequence: number,
    atUs: Micros,
    kind: number,
    node: number,
    detail: number,
    payload: Payload | null,
  ): void {
    if (!(atUs >= this.nowUs))
      invariant(false, `event of kind ${kind} at ${atUs} us, before now (${this.nowUs} us)`);
    const slot = this.#fillSlot(atUs, sequence, kind, node, detail, payload);
    this.size++;
    this.#place(slot, atUs);
  }

  /**
   * The same for events of one kind that mostly come in the order of their times. In a queue of their own they cost a third;
   * one that comes out of order is scheduled like any other. Their `detail` is 0, and they carry nothing.
   */
  scheduleInLane(atUs: Micros, kind: number, node: number): void {
    if (!this.#lane.accepts(atUs)) {
      this.schedule(atUs, kind, node, 0, null);
      return;
    }
    this.#lane.push(atUs, this.reserveSequences(1), kind, node);
    this.size++;
  }

  atUs(slot: number): Micros {
    return this.#records.floats[slot * EVENT_FLOATS + AT_US] as Micros;
  }
  sequence(slot: number): number {
    return this.#records.floats[slot * EVENT_FLOATS + SEQUENCE] as number;
  }
  kind(slot: number): number {
    return this.#records.ints[slot * EVENT_INTS + KIND] as number;
  }
  /** What an event is about: a node, and a number whose meaning its kind gives. */
  node(slot: number): number {
    return this.#records.ints[slot * EVENT_INTS + NODE] as number;
  }
  detail(slot: number): number {
    return this.#records.ints[slot * EVENT_INTS + DETAIL] as number;
  }

  /** When the next event is due; Infinity when none waits. */
  nextAtUs(): Micros {
    const isFilled = this.#heapSize > 0 || this.#advance();
    const heapUs = isFilled ? this.atUs(this.#heap[0] as number) : Number.POSITIVE_INFINITY;
    return Math.min(heapUs, this.#lane.nextAtUs);
  }

  /** Takes the next event that is due at or before `limitUs`, and gives its slot; -1 when there is none. */
  take(limitUs: Micros): number {
    const isFilled = this.#heapSize > 0 || this.#advance();
    const top = this.#heap[0] as number;
    const heapUs = isFilled ? this.atUs(top) : Number.POSITIVE_INFINITY;
    const laneUs = this.#lane.nextAtUs;
    if (laneUs < heapUs || (laneUs === heapUs && this.#lane.nextSequence < this.sequence(top)))
      return laneUs <= limitUs ? this.#takeFromLane() : NONE;
    if (!(heapUs <= limitUs)) return NONE;
    this.#dropTop();
    this.nowUs = heapUs;
    this.nowSequence = this.sequence(top);
    this.size--;
    this.#freeSlot(top);
    return top;
  }

  /** Through a slot, so that whoever takes an event need not know of lanes. */
  #takeFromLane(): number {
    const { nextAtUs, nextSequence, nextKind, nextNode } = this.#lane;
    const slot = this.#fillSlot(nextAtUs, nextSequence, nextKind, nextNode, 0, null);
    this.nowUs = nextAtUs;
    this.nowSequence = nextSequence;
    this.#lane.drop();
    this.size--;
    this.#freeSlot(slot);
    return slot;
  }

  #place(slot: number, atUs: Micros): void {
    const tick = Math.floor(atUs / TICK_US);
    // Also events before the current tick: `nextAtUs` may have advanced past the time at which they are scheduled.
    if (tick <= this.#tick) {
      this.#pushHeap(slot);
      return;
    }
    let wheel = 0;
    let digits = tick;
    let above = Math.floor(tick / WHEEL_SIZE);
    let aboveNow = Math.floor(this.#tick / WHEEL_SIZE);
    while (above !== aboveNow) {
      wheel++;
      digits = above;
      above = Math.floor(above / WHEEL_SIZE);
      aboveNow = Math.floor(aboveNow / WHEEL_SIZE);
    }
    const bucket = wheel * WHEEL_SIZE + (digits - above * WHEEL_SIZE);
    this.#setNext(slot, this.#heads[bucket] as number);
    this.#heads[bucket] = slot;
    this.#occupied[bucket >> 5] = (this.#occupied[bucket >> 5] as number) | (1 << (bucket & 31));
  }

  /** Moves on to the next bucket that holds events and fills the heap from it; false when nothing waits. */
  #advance(): boolean {
    if (this.size === this.#lane.size) return false;
    let span = 1;
    for (let wheel = 0; wheel < WHEEL_COUNT; wheel++, span *= WHEEL_SIZE) {
      const digit = Math.floor(this.#tick / span) & WHEEL_MASK;
      const found = this.#nextOccupied(wheel, digit + 1);
      if (found === NONE) continue;
      this.#tick = (Math.floor(this.#tick / span / WHEEL_SIZE) * WHEEL_SIZE + found) * span;
      this.#empty(wheel * WHEEL_SIZE + found);
      // A coarse bucket was spread over the finer wheels; its first events may stand in them, not in the heap.
      return this.#heapSize > 0 || this.#advance();
    }
    invariant(false, `${this.size} events wait, and no wheel holds them`);
  }

  /** Takes all events of a bucket and places them anew, by the tick that has become current. */
  #empty(bucket: number): void {
    let slot = this.#heads[bucket] as number;
    this.#heads[bucket] = NONE;
    this.#occupied[bucket >> 5] = (this.#occupied[bucket >> 5] as number) & ~(1 << (bucket & 31));
    while (slot !== NONE) {
      const next = this.#next(slot);
      this.#place(slot, this.atUs(slot));
      slot = next;
    }
  }

  /** First occupied bucket of a wheel from `digit` on, or -1. */
  #nextOccupied(wheel: number, digit: number): number {
    if (digit >= WHEEL_SIZE) return NONE;
    const base = wheel * (WHEEL_SIZE / 32);
    let word = digit >> 5;
    let bits = (this.#occupied[base + word] as number) & (-1 << (digit & 31));
    while (bits === 0) {
      if (++word === WHEEL_SIZE / 32) return NONE;
      bits = this.#occupied[base + word] as number;
    }
    return word * 32 + 31 - Math.clz32(bits & -bits);
  }

  #before(a: number, b: number): boolean {
    const difference = this.atUs(a) - this.atUs(b);
    return difference !== 0 ? difference < 0 : this.sequence(a) < this.sequence(b);
  }

  #pushHeap(slot: number): void {
    if (this.#heapSize === this.#heap.length) this.#heap = grown(this.#heap, Int32Array);
    let at = this.#heapSize++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const other = this.#heap[parent] as number;
      if (this.#before(other, slot)) break;
      this.#heap[at] = other;
      at = parent;
    }
    this.#heap[at] = slot;
  }

  #dropTop(): void {
    const last = this.#heap[--this.#heapSize] as number;
    let at = 0;
    for (let child = 1; child < this.#heapSize; child = 2 * at + 1) {
      if (
        child + 1 < this.#heapSize &&
        this.#before(this.#heap[child + 1] as number, this.#heap[child] as number)
      )
        child++;
      const other = this.#heap[child] as number;
      if (this.#before(last, other)) break;
      this.#heap[at] = other;
      at = child;
    }
    this.#heap[at] = last;
  }

  #next(slot: number): number {
    return this.#records.ints[slot * EVENT_INTS + NEXT] as number;
  }

  #setNext(slot: number, next: number): void {
    this.#records.ints[slot * EVENT_INTS + NEXT] = next;
  }

  #fillSlot(
    atUs: Micros,
    sequence: number,
    kind: number,
    node: number,
    detail: number,
    payload: Payload | null,
  ): number {
    const slot = this.#takeSlot();
    const { ints, floats } = this.#records;
    floats[slot * EVENT_FLOATS + AT_US] = atUs;
    floats[slot * EVENT_FLOATS + SEQUENCE] = sequence;
    ints[slot * EVENT_INTS + KIND] = kind;
    ints[slot * EVENT_INTS + NODE] = node;
    ints[slot * EVENT_INTS + DETAIL] = detail;
    this.payload[slot] = payload;
    return slot;
  }

  /** Its fields stay readable until another event takes it. */
  #freeSlot(slot: number): void {
    this.#setNext(slot, this.#free);
    this.#free = slot;
  }

  #takeSlot(): number {
    if (this.#free !== NONE) {
      const slot = this.#free;
      this.#free = this.#next(slot);
      return slot;
    }
    if (this.#used === this.#room) {
      this.#room *= 2;
      this.#records = this.#records.grown();
    }
    return this.#used++;
  }
}

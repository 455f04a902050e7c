import { invariant } from "../../../node/core/support/invariant.ts";
import type { Micros } from "../../../node/core/support/micros.ts";

/** A ring of events whose times never go back: first in, first out. Grows as it must. */
export class EventLane {
  size = 0;
  /** Of the first event; Infinity when there is none. */
  nextAtUs: Micros = Number.POSITIVE_INFINITY;
  #room = 1 << 10;
  #first = 0;
  #lastAtUs: Micros = 0;
  #atUs = new Float64Array(this.#room);
  #sequence = new Float64Array(this.#room);
  #kind = new Uint8Array(this.#room);
  #node = new Int32Array(this.#room);

  /** Whether an event of this time keeps the order. */
  accepts(atUs: Micros): boolean {
    return this.size === 0 || atUs >= this.#lastAtUs;
  }

  push(atUs: Micros, sequence: number, kind: number, node: number): void {
    if (!this.accepts(atUs)) invariant(false, `an event at ${atUs} us behind one at ${this.#lastAtUs} us`);
    if (this.size === this.#room) this.#grow();
    const at = (this.#first + this.size) & (this.#room - 1);
    this.#atUs[at] = atUs;
    this.#sequence[at] = sequence;
    this.#kind[at] = kind;
    this.#node[at] = node;
    this.#lastAtUs = atUs;
    if (this.size++ === 0) this.nextAtUs = atUs;
  }

  /** Of the first event, of which there must be one. */
  get nextSequence(): number {
    return this.#sequence[this.#first] as number;
  }
  get nextKind(): number {
    return this.#kind[this.#first] as number;
  }
  get nextNode(): number {
    return this.#node[this.#first] as number;
  }

  /** Takes the first event away. */
  drop(): void {
    this.#first = (this.#first + 1) & (this.#room - 1);
    this.size--;
    this.nextAtUs = this.size === 0 ? Number.POSITIVE_INFINITY : (this.#atUs[this.#first] as Micros);
  }

  #grow(): void {
    const { size } = this;
    this.#atUs = this.#unrolled(this.#atUs, Float64Array);
    this.#sequence = this.#unrolled(this.#sequence, Float64Array);
    this.#kind = this.#unrolled(this.#kind, Uint8Array);
    this.#node = this.#unrolled(this.#node, Int32Array);
    this.#room = 2 * size;
    this.#first = 0;
  }

  /** A copy of twice the length that begins with the first event. */
  #unrolled<T extends Float64Array | Int32Array | Uint8Array>(array: T, Type: new (length: number) => T): T {
    const bigger = new Type(array.length * 2);
    bigger.set(array.subarray(this.#first));
    bigger.set(array.subarray(0, this.#first), array.length - this.#first);
    return bigger;
  }
}

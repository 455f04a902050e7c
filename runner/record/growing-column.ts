import { invariant } from "../../node/core/support/invariant.ts";

/** A column starts with room for this many values and doubles: 13 doublings reach 8 million. */
const FIRST_CAPACITY = 1_024;

/** A list of unsigned 32-bit integers in one typed array: 4 bytes a value, and nothing for the collector to trace. */
export class IntegerColumn {
  #values = new Uint32Array(FIRST_CAPACITY);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    invariant(value >>> 0 === value, `${value} does not fit an unsigned 32-bit column`);
    if (this.#length === this.#values.length) {
      const wider = new Uint32Array(this.#length * 2);
      wider.set(this.#values);
      this.#values = wider;
    }
    this.#values[this.#length++] = value;
  }

  at(index: number): number {
    const value = this.#values[index];
    invariant(value !== undefined && index < this.#length, `no value at ${index} of ${this.#length}`);
    return value;
  }
}

/** A list of integers up to 2^53 in magnitude, such as times in microseconds: 8 bytes a value. */
export class WideColumn {
  #values = new Float64Array(FIRST_CAPACITY);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    invariant(Number.isSafeInteger(value), `${value} is not an exact integer`);
    if (this.#length === this.#values.length) {
      const wider = new Float64Array(this.#length * 2);
      wider.set(this.#values);
      this.#values = wider;
    }
    this.#values[this.#length++] = value;
  }

  at(index: number): number {
    const value = this.#values[index];
    invariant(value !== undefined && index < this.#length, `no value at ${index} of ${this.#length}`);
    return value;
  }
}

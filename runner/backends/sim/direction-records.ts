/**
 * What belongs to one direction of a link, by the receiver's end: records side by side in one buffer that is seen as
 * integers and as doubles, two to a cache line. The hot paths index the two arrays themselves, with the constants below.
 */
export class DirectionRecords {
  readonly ints: Int32Array;
  readonly floats: Float64Array;

  constructor(count: number) {
    const buffer = new ArrayBuffer(count * RECORD_BYTES);
    this.ints = new Int32Array(buffer);
    this.floats = new Float64Array(buffer);
  }

  int(direction: number, field: number): number {
    return this.ints[direction * INTS + field] as number;
  }

  setInt(direction: number, field: number, value: number): void {
    this.ints[direction * INTS + field] = value;
  }
}

const RECORD_BYTES = 32;

/** Integers and doubles of a record: its fields are at `direction * INTS + DRAW_SEED` and so on. */
export const INTS = RECORD_BYTES / 4;
export const FLOATS = RECORD_BYTES / 8;

/** Integers, in the first half. Seed of what is drawn for this direction. */
export const DRAW_SEED = 0;
/** Place of the latency model in the table of models. */
export const MODEL = 1;
/** 1 while the direction is cut. */
export const CUT = 2;

/** A double, in the second half. When the last message arrives: none that follows may overtake it. */
export const LAST_ARRIVAL_US = 2;

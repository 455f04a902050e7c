/**
 * What belongs to one direction of each link, by the sender's end: records of one cache line, side by side in one
 * buffer that is seen as integers and as doubles. The hot paths index the two arrays themselves, with the constants below.
 */
export class LinkRecords {
  readonly ints: Int32Array;
  readonly floats: Float64Array;

  constructor(endCount: number) {
    const buffer = new ArrayBuffer(endCount * RECORD_BYTES);
    this.ints = new Int32Array(buffer);
    this.floats = new Float64Array(buffer);
  }

  int(end: number, field: number): number {
    return this.ints[end * INTS + field] as number;
  }

  setInt(end: number, field: number, value: number): void {
    this.ints[end * INTS + field] = value;
  }
}

const RECORD_BYTES = 48;

/** Integers and doubles of a record: its fields are at `end * INTS + PEER_END` and so on. */
export const INTS = RECORD_BYTES / 4;
export const FLOATS = RECORD_BYTES / 8;

/** Integers, in the first half. The other end. */
export const PEER_END = 0;
/** Seed of what is drawn for this direction. */
export const DRAW_SEED = 1;
/** Place of the latency model in the table of models. */
export const MODEL = 2;
/** 1 while the direction is cut. */
export const CUT = 3;
/** Index of the block whose announcement is noted with the receiver, whose end this is. */
export const NOTED_BLOCK = 4;

/** Doubles, in the second half. When the last message arrives: none that follows may overtake it. */
export const LAST_ARRIVAL_US = 3;
/** Of the noted announcement: its arrival and its place in the order of scheduling. */
export const NOTED_US = 4;
export const NOTED_SEQUENCE = 5;

import { PackedRecords } from "./packed-records.ts";

/**
 * Events that wait, by slot: records side by side, two to a cache line, because an event is written and read as a whole. The queue
 * indexes the two arrays itself, with the constants below.
 */
export class EventRecords extends PackedRecords {
  constructor(count: number) {
    super(count, RECORD_BYTES);
  }

  /** A copy with room for twice as many. */
  grown(): EventRecords {
    const bigger = new EventRecords((2 * this.floats.length) / EVENT_FLOATS);
    bigger.floats.set(this.floats);
    return bigger;
  }
}

const RECORD_BYTES = 32;

/** Integers and doubles of a record: its fields are at `slot * EVENT_INTS + NODE` and so on. */
export const EVENT_INTS = RECORD_BYTES / 4;
export const EVENT_FLOATS = RECORD_BYTES / 8;

/** Doubles, in the first half. */
export const AT_US = 0;
export const SEQUENCE = 1;

/** Integers, in the second half. */
export const KIND = 4;
/** What the event is about: a node, and a number whose meaning its kind gives. */
export const NODE = 5;
export const DETAIL = 6;
/** The slot that follows in the same bucket, or among the free ones. */
export const NEXT = 7;

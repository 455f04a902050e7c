import { PackedRecords } from "./packed-records.ts";

/**
 * The last round of announcements of each node: records side by side, two to a cache line, because whoever looks at a round wants all
 * of it. The hot paths index the two arrays themselves, with the constants below.
 */
export class RoundRecords extends PackedRecords {
  constructor(nodeCount: number) {
    super(nodeCount, RECORD_BYTES);
  }
}

const RECORD_BYTES = 32;

/** Integers and doubles of a record: its fields are at `sender * ROUND_INTS + DRAW_KEY` and so on. */
export const ROUND_INTS = RECORD_BYTES / 4;
export const ROUND_FLOATS = RECORD_BYTES / 8;

/** Doubles, in the first half. When the announcements left. */
export const DEPARTED_US = 0;
/** Number of the first link in the order of scheduling; link n has n more. */
export const FIRST_SEQUENCE = 1;

/** Integers, in the second half. Draw key of the announcement, read as signed. */
export const DRAW_KEY = 4;
/** Notes that the round left with receivers and that are not worked out. */
export const NOTE_COUNT = 5;

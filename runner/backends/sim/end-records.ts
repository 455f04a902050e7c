import { PackedRecords } from "./packed-records.ts";

/**
 * What belongs to one end of a link, and to the direction that arrives there: records side by side, those of one node together, so that
 * an event of a node finds all its links in a few neighbouring cache lines. What few events look at is kept elsewhere. The hot
 * paths index the two arrays themselves, with the constants below.
 */
export class EndRecords extends PackedRecords {
  constructor(count: number) {
    super(count, RECORD_BYTES);
  }

  int(end: number, field: number): number {
    return this.ints[end * INTS + field] as number;
  }

  setInt(end: number, field: number, value: number): void {
    this.ints[end * INTS + field] = value;
  }
}

const RECORD_BYTES = 24;

/** Integers and doubles of a record: its fields are at `end * INTS + PEER` and so on. */
export const INTS = RECORD_BYTES / 4;
export const FLOATS = RECORD_BYTES / 8;

/** Integers, in the first 16 bytes. The node at the other end, and which of its links this is. */
export const PEER = 0;
export const PEER_LINK = 1;
/** Seed of what is drawn for the direction that arrives here. */
export const DRAW_SEED = 2;
/** Its place in the table of latency models. */
export const MODEL = 3;

/** A double, in the last 8 bytes. When its last message arrives: none that follows may overtake it. */
export const LAST_ARRIVAL_US = 2;

import { expect, test } from "vitest";
import {
  DRAW_SEED,
  EndRecords,
  FLOATS,
  INTS,
  LAST_ARRIVAL_US,
  MODEL,
  PEER,
  PEER_LINK,
} from "./end-records.ts";

const INT_FIELDS = [PEER, PEER_LINK, DRAW_SEED, MODEL];
const FLOAT_FIELDS = [LAST_ARRIVAL_US];

test("no field of a record lies on another, of its own end or the next", () => {
  const count = 3;
  const records = new EndRecords(count);
  for (let end = 0; end < count; end++) {
    for (const field of INT_FIELDS) records.setInt(end, field, 1 + end * 100 + field);
    for (const field of FLOAT_FIELDS) records.floats[end * FLOATS + field] = end * 100 + field + 0.5;
  }
  for (let end = 0; end < count; end++) {
    for (const field of INT_FIELDS) expect(records.int(end, field)).toBe(1 + end * 100 + field);
    for (const field of FLOAT_FIELDS)
      expect(records.floats[end * FLOATS + field]).toBe(end * 100 + field + 0.5);
  }
});

test("both arrays see records of one length, and a time of 285 years fits", () => {
  expect(INTS * 4).toBe(FLOATS * 8);
  const records = new EndRecords(1);
  records.floats[LAST_ARRIVAL_US] = Number.MAX_SAFE_INTEGER;
  expect(records.floats[LAST_ARRIVAL_US]).toBe(Number.MAX_SAFE_INTEGER);
});

test("a draw's seed keeps all 32 bits, read as signed", () => {
  const records = new EndRecords(1);
  records.setInt(0, DRAW_SEED, 0xffff_fffe);
  expect(records.int(0, DRAW_SEED) >>> 0).toBe(0xffff_fffe);
});

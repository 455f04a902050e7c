import { expect, test } from "vitest";
import {
  CUT,
  DirectionRecords,
  DRAW_SEED,
  FLOATS,
  INTS,
  LAST_ARRIVAL_US,
  MODEL,
} from "./direction-records.ts";

const INT_FIELDS = [DRAW_SEED, MODEL, CUT];
const FLOAT_FIELDS = [LAST_ARRIVAL_US];

test("no field of a record lies on another, of its own direction or the next", () => {
  const count = 3;
  const records = new DirectionRecords(count);
  for (let direction = 0; direction < count; direction++) {
    for (const field of INT_FIELDS) records.setInt(direction, field, 1 + direction * 100 + field);
    for (const field of FLOAT_FIELDS)
      records.floats[direction * FLOATS + field] = direction * 100 + field + 0.5;
  }
  for (let direction = 0; direction < count; direction++) {
    for (const field of INT_FIELDS) expect(records.int(direction, field)).toBe(1 + direction * 100 + field);
    for (const field of FLOAT_FIELDS)
      expect(records.floats[direction * FLOATS + field]).toBe(direction * 100 + field + 0.5);
  }
});

test("both arrays see records of one length, and a time of 285 years fits", () => {
  expect(INTS * 4).toBe(FLOATS * 8);
  const records = new DirectionRecords(1);
  records.floats[LAST_ARRIVAL_US] = Number.MAX_SAFE_INTEGER;
  expect(records.floats[LAST_ARRIVAL_US]).toBe(Number.MAX_SAFE_INTEGER);
});

test("a draw's seed keeps all 32 bits, read as signed", () => {
  const records = new DirectionRecords(1);
  records.setInt(0, DRAW_SEED, 0xffff_fffe);
  expect(records.int(0, DRAW_SEED) >>> 0).toBe(0xffff_fffe);
});

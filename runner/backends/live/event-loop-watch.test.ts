import { expect, test } from "vitest";
import { EventLoopWatch } from "./event-loop-watch.ts";

test("the lags of all samples add up", () => {
  const watch = new EventLoopWatch();
  watch.begin(true);
  watch.hear([
    [1, 49],
    [30, 1],
  ]);
  watch.hear([[1, 50]]);
  const { lagCounts, wasCalmAtStart } = watch.record;
  expect([...lagCounts]).toEqual([
    [1, 99],
    [30, 1],
  ]);
  expect(wasCalmAtStart).toBe(true);
});

test("the time that a node stood still on purpose is no lag, and what comes after it is", () => {
  const watch = new EventLoopWatch();
  watch.hear([[1, 50]]);
  watch.resumed();
  watch.hear([[20_000, 1]]);
  watch.hear([[2, 50]]);
  expect([...watch.record.lagCounts]).toEqual([
    [1, 50],
    [2, 50],
  ]);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { countLags, EventLoopLag, lagPercentile } from "./event-loop-lag.ts";

/** The lags of a loop that gets its turn at these times only. */
function lagsOf(turnsMs: readonly number[]): number[] {
  let nowMs = 0;
  const lag = new EventLoopLag(() => nowMs);
  const lagsMs = turnsMs.flatMap((turnMs) => {
    nowMs = turnMs;
    return lag.take();
  });
  lag.close();
  return lagsMs.sort((a, b) => a - b);
}

test("a loop that is held up answers for each time that fell due meanwhile", () => {
  expect(lagsOf([20, 40, 140])).toEqual([0, 0, 0, 20, 40, 60, 80]);
});

test("a loop that gets its turn when something falls due is never late, and one that comes early has nothing to tell", () => {
  expect(lagsOf([20, 40, 60])).toEqual([0, 0, 0]);
  expect(lagsOf([5, 10, 19])).toEqual([]);
});

test("a hold-up weighs as much as it lasts: the share of late times is the share of time", () => {
  // Ten seconds, of which one is a single hold-up: what comes at any moment waits with a probability of a tenth.
  const turnsMs = [...Array.from({ length: 450 }, (_, i) => 20 * (i + 1)), 10_000];
  const lagsMs = lagsOf(turnsMs);
  expect(lagsMs).toHaveLength(500);
  expect(lagsMs.filter((lagMs) => lagMs > 0)).toHaveLength(49);
  expect(lagPercentile(lagsMs, 99)).toBe(880);
});

test("of a process that stood still for an hour the last minute is told", () => {
  const lagsMs = lagsOf([3_600_000]);
  expect(lagsMs).toHaveLength(3_000);
  expect([lagsMs[0], lagsMs.at(-1)]).toEqual([0, 2_999 * 20]);
});

test("each time of the grid is told once, however the loop's turns fall", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 50 }), (stepsMs) => {
      let nowMs = 0;
      const turnsMs = stepsMs.map((stepMs) => (nowMs += stepMs));
      const expected: number[] = [];
      for (let dueMs = 20; dueMs <= nowMs; dueMs += 20)
        expected.push((turnsMs.find((turnMs) => turnMs >= dueMs) ?? Number.NaN) - dueMs);
      expect(lagsOf(turnsMs)).toEqual(expected.sort((a, b) => a - b));
    }),
  );
});

test("a percentile is the smallest lag that so many do not exceed", () => {
  const lagsMs = Array.from({ length: 200 }, (_, i) => i + 1);
  expect([50, 99, 100].map((percent) => lagPercentile(lagsMs, percent))).toEqual([100, 198, 200]);
  expect(lagPercentile([7], 1)).toBe(7);
  expect(lagPercentile([], 99)).toBe(0);
});

test("lags are counted by whole milliseconds, rounded up, so that no lag is told smaller than it was", () => {
  expect(countLags([0, 0, 0.2, 1, 1.01, 30.5])).toEqual([
    [0, 2],
    [1, 2],
    [2, 1],
    [31, 1],
  ]);
  expect(countLags([])).toEqual([]);
});

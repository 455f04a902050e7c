import { expect, test } from "vitest";
import { REPLACEMENT_WAIT_US_MAX, REPLACEMENT_WAIT_US_MIN, ReplacementPace } from "./replacement-pace.ts";

/** The times at which peers are replaced that are slow all the time, and the waits between them. */
function replaceAlways(pace: ReplacementPace, startUs: number, count: number): number[] {
  const waitsUs: number[] = [];
  let lastUs = startUs;
  for (let nowUs = startUs; waitsUs.length < count; nowUs += REPLACEMENT_WAIT_US_MIN / 5) {
    if (!pace.isTime(nowUs)) continue;
    pace.replaced(nowUs);
    waitsUs.push(nowUs - lastUs);
    lastUs = nowUs;
  }
  return waitsUs;
}

test("the first is replaced at once, each further one after twice the wait, up to the longest", () => {
  const ratios = replaceAlways(new ReplacementPace(), 5, 10).map(
    (waitUs) => waitUs / REPLACEMENT_WAIT_US_MIN,
  );
  expect(ratios).toEqual([0, 1, 2, 4, 8, 16, 32, 64, 64, 64]);
  expect(REPLACEMENT_WAIT_US_MAX).toBe(64 * REPLACEMENT_WAIT_US_MIN);
});

test("after twice the wait without a slow peer it is as at first", () => {
  const pace = new ReplacementPace();
  pace.replaced(0);
  pace.replaced(REPLACEMENT_WAIT_US_MIN);
  const calmUs = 5 * REPLACEMENT_WAIT_US_MIN;
  pace.replaced(calmUs);
  expect(pace.isTime(calmUs + REPLACEMENT_WAIT_US_MIN - 1)).toBe(false);
  expect(pace.isTime(calmUs + REPLACEMENT_WAIT_US_MIN)).toBe(true);
});

import { expect, test } from "vitest";
import { Prng } from "../node/core/support/prng.ts";
import { runInterval } from "./run-interval.ts";

test("of 39 runs the interval is all of them, of 199 it leaves four out at each side", () => {
  const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1).reverse();
  expect(runInterval(upTo(39))).toMatchObject({ mean: 20, low: 1, high: 39 });
  expect(runInterval(upTo(199))).toMatchObject({ mean: 100, low: 5, high: 195 });
});

test("from fewer than 39 runs there is no interval", () => {
  expect(runInterval(Array.from({ length: 38 }, () => 1))).toBeNull();
  expect(runInterval([])).toBeNull();
});

test("a spread is that of a sample", () => {
  const values = [...Array.from({ length: 20 }, () => 0), ...Array.from({ length: 20 }, () => 2)];
  expect(runInterval(values)?.deviation).toBeCloseTo(Math.sqrt(40 / 39), 12);
});

test("one more run falls inside 95 times of a hundred, of whatever distribution", () => {
  const draws = new Prng("interval", "coverage");
  const trials = 20_000;
  let inside = 0;
  for (let trial = 0; trial < trials; trial++) {
    const interval = runInterval(Array.from({ length: 39 }, () => draws.exponential(1)));
    const next = draws.exponential(1);
    if (interval !== null && next >= interval.low && next <= interval.high) inside++;
  }
  // Five standard deviations of a binomial share.
  expect(Math.abs(inside / trials - 0.95)).toBeLessThan(5 * Math.sqrt((0.95 * 0.05) / trials));
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { addLags, lagMsQuantile } from "./lag-counts.ts";

function counted(lagsMs: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  addLags(
    counts,
    lagsMs.map((lagMs) => [lagMs, 1]),
  );
  return counts;
}

test("a quantile of counts is the value at its place among the sorted lags", () => {
  const lags = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(lags, fc.constantFrom(0.5, 0.95, 0.99, 1), (lagsMs, share) => {
      const sorted = lagsMs.toSorted((a, b) => a - b);
      expect(lagMsQuantile(counted(lagsMs), share)).toBe(sorted[Math.ceil(share * sorted.length) - 1]);
    }),
  );
});

test("no lags have no quantile", () => {
  expect(lagMsQuantile(new Map(), 0.99)).toBe(null);
});

test("counts of several times and nodes add up to those of all", () => {
  const counts = counted([1, 1, 30]);
  addLags(counts, counted([1, 50]));
  expect([...counts]).toEqual([
    [1, 3],
    [30, 1],
    [50, 1],
  ]);
});

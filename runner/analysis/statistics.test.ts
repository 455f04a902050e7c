import { expect, test } from "vitest";
import { proportion, quantile } from "./statistics.ts";
import { waitingQuantiles } from "./survival.ts";

test("quantiles are those of R's and NumPy's default", () => {
  // numpy.quantile([15, 20, 35, 40, 50], [.05, .3, .4, .5, .9])
  const sample = [15, 20, 35, 40, 50];
  expect([0.05, 0.3, 0.4, 0.5, 0.9].map((q) => quantile(sample, q))).toEqual([16, 23, 29, 35, 46]);
  expect(quantile(sample, 0)).toBe(15);
  expect(quantile(sample, 1)).toBe(50);
  expect(quantile([7], 0.99)).toBe(7);
});

test("a quantile of nothing is absent, not 0", () => {
  expect(quantile([], 0.5)).toBeNull();
});

// Newcombe (1998), "Two-sided confidence intervals for the single proportion", table I, method 3.
test.each([
  [81, 263, 0.2553, 0.3662],
  [15, 148, 0.0624, 0.1605],
  [0, 20, 0, 0.1611],
  [1, 29, 0.0061, 0.1718],
])("the Wilson interval of %i of %i is the published one", (hits, trials, low, high) => {
  const found = proportion(hits, trials);
  expect(found.low).toBeCloseTo(low, 4);
  expect(found.high).toBeCloseTo(high, 4);
});

test("a share of no trials is absent", () => {
  expect(proportion(0, 0)).toEqual({ hits: 0, trials: 0, ratio: null, low: null, high: null });
});

test("waiting times with unfinished ones give the published survival curve", () => {
  // Freireich et al. (1963), 6-mercaptopurine arm, in weeks; Kaplan-Meier median 23 in every textbook since.
  const happened = [6, 6, 6, 7, 10, 13, 16, 22, 23];
  const unfinished = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35];
  const waits = [
    ...happened.map((afterUs) => ({ afterUs, happened: true })),
    ...unfinished.map((afterUs) => ({ afterUs, happened: false })),
  ];
  // Survival falls to 0.448 at 23 and stays there, so 90 % is never reached.
  expect(waitingQuantiles(waits)).toEqual({ p50: 23, p90: null, p99: null, watchedUsMax: 35 });
});

test("without unfinished ones a waiting quantile is the inverse of the empirical distribution", () => {
  const waits = Array.from({ length: 100 }, (_, i) => ({ afterUs: 100 - i, happened: true }));
  expect(waitingQuantiles(waits)).toEqual({ p50: 50, p90: 90, p99: 99, watchedUsMax: 100 });
});

test("leaving the unfinished out would have flattered the median", () => {
  const waits = [1, 2, 3].map((afterUs) => ({ afterUs, happened: true }));
  const still = [10, 10, 10, 10].map((afterUs) => ({ afterUs, happened: false }));
  expect(waitingQuantiles(waits).p50).toBe(2);
  expect(waitingQuantiles([...waits, ...still]).p50).toBeNull();
});

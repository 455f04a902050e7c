import fc from "fast-check";
import { expect, test } from "vitest";
import { shareDone } from "../analysis/survival.ts";
import { ksDistance } from "./distance.ts";

const curve = (times: readonly number[], cutOff: readonly number[] = []) =>
  shareDone([
    ...times.map((afterUs) => ({ afterUs, happened: true })),
    ...cutOff.map((afterUs) => ({ afterUs, happened: false })),
  ]);

test("the distance of two samples is the largest gap of their empirical distributions", () => {
  const sample = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(sample, sample, (a, b) => {
      const share = (values: readonly number[], at: number) =>
        values.filter((value) => value <= at).length / values.length;
      const until = Math.min(Math.max(...a), Math.max(...b));
      const gaps = Array.from({ length: until + 1 }, (_, at) => Math.abs(share(a, at) - share(b, at)));
      expect(ksDistance(curve(a), curve(b))).toBeCloseTo(Math.max(...gaps), 9);
    }),
  );
});

test("samples that do not overlap are as far apart as can be", () => {
  expect(ksDistance(curve([1, 2, 3]), curve([10, 20]))).toBe(1);
  expect(ksDistance(curve([10, 20]), curve([1, 2, 3]))).toBe(1);
});

test("what was still waiting counts for as long as it was watched", () => {
  // By the definition: 1 of 4 at 10; then 2 at risk, 1 done at 20: the share waiting is 3/4 x 1/2.
  const cut = curve([10, 20], [15, 30]);
  expect(cut.shares).toEqual([0.25, 0.625]);
  expect(ksDistance(cut, curve([10, 20, 30, 40]))).toBeCloseTo(0.125, 9);
});

test("after the shorter watch nothing is compared", () => {
  expect(ksDistance(curve([10], [20]), curve([10, 50, 60, 70]))).toBeCloseTo(0.25, 9);
});

test("an empty sample has no distance", () => {
  expect(ksDistance(curve([]), curve([1]))).toBeNull();
});

import { expect, test } from "vitest";
import {
  drawLatencyUs,
  type LatencyModel,
  longestLatencyUs,
  meanLatencyUs,
  normalQuantile,
} from "./latency.ts";

/** The standard normal distribution function, by Simpson's rule over its density: an error far below what is tested. */
function normalShare(z: number): number {
  const steps = 2_000;
  const width = z / steps;
  let sum = 0;
  for (let step = 0; step <= steps; step++) {
    const weight = step === 0 || step === steps ? 1 : step % 2 === 1 ? 4 : 2;
    sum += weight * Math.exp(-((step * width) ** 2) / 2);
  }
  return 0.5 + (sum * width) / 3 / Math.sqrt(2 * Math.PI);
}

test("the normal quantile is within its stated error of the inverse of the distribution function", () => {
  for (let z = -5.5; z <= 5.5; z += 0.037) {
    const found = normalQuantile(normalShare(z));
    // In the far upper tail the share itself has no more digits than that.
    const digits = 5e-15 / Math.exp(-(z ** 2) / 2);
    expect(Math.abs(found - z)).toBeLessThan(1.15e-9 * Math.abs(z) + 3 * digits + 1e-12);
  }
  expect(() => normalQuantile(0)).toThrow("no normal quantile");
  expect(() => normalQuantile(1)).toThrow("no normal quantile");
});

test("the table of a lognormal is off by less than 1e-4 of the value up to a sigma of 0.5, and exact in the tails", () => {
  const medianUs = 1e13;
  for (const sigma of [0.05, 0.2, 0.4, 0.5]) {
    let worst = 0;
    for (let draw = 0; draw < 20_000; draw++) {
      const share = (draw + 0.5) / 20_000;
      const exact = Math.exp(sigma * normalQuantile(share));
      const found = drawLatencyUs({ kind: "lognormal", medianUs, sigma }, share) / medianUs;
      worst = Math.max(worst, Math.abs(found / exact - 1));
      if (share < 0.015 || share > 0.985) expect(Math.abs(found / exact - 1)).toBeLessThan(1e-12);
    }
    expect(worst).toBeLessThan(1e-4);
  }
});

const models: LatencyModel[] = [
  { kind: "constant", delayUs: 40_000 },
  { kind: "uniform", minUs: 10_000, maxUs: 90_000 },
  { kind: "exponential", meanUs: 40_000 },
  { kind: "lognormal", medianUs: 40_000, sigma: 0.4 },
];

test.each(models)(
  "draws of $kind have the mean that is stated, never fall, never go below 0 or above the longest",
  (model) => {
    const count = 100_000;
    const draws = Array.from({ length: count }, (_, draw) => drawLatencyUs(model, (draw + 0.5) / count));
    const mean = draws.reduce((sum, draw) => sum + draw, 0) / count;
    expect(Math.abs(mean / meanLatencyUs(model) - 1)).toBeLessThan(1e-3);
    expect(
      draws.every((draw) => Number.isInteger(draw) && draw >= 0 && draw <= longestLatencyUs(model)),
    ).toBe(true);
    const sorted = draws.toSorted((a, b) => a - b);
    expect(draws).toEqual(model.kind === "exponential" ? sorted.reverse() : sorted);
  },
);

test("a network of more spreads than tables are kept draws the same", () => {
  const drawAll = () =>
    Array.from({ length: 100 }, (_, index) =>
      drawLatencyUs({ kind: "lognormal", medianUs: 1e9, sigma: 0.01 + index / 1_000 }, 0.8),
    );
  expect(drawAll()).toEqual(drawAll());
});

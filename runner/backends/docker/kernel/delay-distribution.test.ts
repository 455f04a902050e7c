import fc from "fast-check";
import { expect, test } from "vitest";
import { type LatencyModel, meanLatencyUs } from "../../../../node/link/latency.ts";
import { type NetemDelay, netemDelay } from "./delay-distribution.ts";

const SCALE = 8_192n;

/**
 * The delay that the kernel computes for one value of the table, in its own integers (tabledist() in net/sched/sch_netem.c): apart for the
 * whole and the broken part of the spread, rounded away from zero.
 */
function kernelDelayUs({ middleUs, spreadUs }: NetemDelay, value: number): number {
  const [spread, table] = [BigInt(spreadUs * 1_000), BigInt(value)];
  const product = (spread % SCALE) * table;
  const rounded = product >= 0n ? product + SCALE / 2n : product - SCALE / 2n;
  return middleUs + Number(rounded / SCALE + (spread / SCALE) * table) / 1_000;
}

function delaysUs(model: LatencyModel): number[] {
  const delay = netemDelay(model);
  return (delay.table?.values ?? [0]).map((value) => kernelDelayUs(delay, value));
}

/** By closed forms, not by the model's own code. */
const MODELS: readonly { readonly model: LatencyModel; readonly quantileUs: (share: number) => number }[] = [
  { model: { kind: "uniform", minUs: 20_000, maxUs: 60_000 }, quantileUs: (p) => 20_000 + 40_000 * p },
  { model: { kind: "exponential", meanUs: 30_000 }, quantileUs: (p) => -30_000 * Math.log(1 - p) },
];

test.each(MODELS)(
  "what netem draws for $model.kind has its quantiles and its mean",
  ({ model, quantileUs }) => {
    const delays = delaysUs(model);
    for (const share of [0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99]) {
      const drawn = delays[Math.floor(share * delays.length)] ?? Number.NaN;
      expect(Math.abs(drawn - quantileUs(share))).toBeLessThan(0.003 * quantileUs(share) + 5);
    }
    const mean = delays.reduce((sum, each) => sum + each, 0) / delays.length;
    expect(mean / meanLatencyUs(model)).toBeCloseTo(1, 3);
  },
);

test("what netem draws for lognormal has its median, its spread and its mean", () => {
  const model: LatencyModel = { kind: "lognormal", medianUs: 50_000, sigma: 0.4 };
  const logs = delaysUs(model).map(Math.log);
  const mean = logs.reduce((sum, each) => sum + each, 0) / logs.length;
  const variance = logs.reduce((sum, each) => sum + (each - mean) ** 2, 0) / logs.length;
  expect(mean).toBeCloseTo(Math.log(50_000), 3);
  expect(Math.sqrt(variance)).toBeCloseTo(0.4, 2);
});

test("what does not vary has no spread and no table", () => {
  const steady: LatencyModel[] = [
    { kind: "constant", delayUs: 40_000 },
    { kind: "uniform", minUs: 40_000, maxUs: 40_000 },
    { kind: "lognormal", medianUs: 40_000, sigma: 0 },
  ];
  for (const model of steady)
    expect(netemDelay(model)).toEqual({ middleUs: 40_000, spreadUs: 0, table: null });
});

test("links whose latencies differ in size alone share a table, and no others do", () => {
  const tableOf = (model: LatencyModel) => netemDelay(model).table;
  const [near, far, wide] = [
    tableOf({ kind: "lognormal", medianUs: 11_000, sigma: 0.2 }),
    tableOf({ kind: "lognormal", medianUs: 190_000, sigma: 0.2 }),
    tableOf({ kind: "lognormal", medianUs: 11_000, sigma: 0.3 }),
  ];
  expect(far).toEqual(near);
  expect(wide?.name).not.toBe(near?.name);
});

test("every table fits the kernel's 16 bits and 16,384 values, and no delay is below none by more than rounding", () => {
  const model = fc.oneof(
    fc.record({
      kind: fc.constant("uniform" as const),
      minUs: fc.nat(500_000),
      maxUs: fc.integer({ min: 500_001, max: 2_000_000 }),
    }),
    fc.record({ kind: fc.constant("exponential" as const), meanUs: fc.integer({ min: 1, max: 290_000 }) }),
    fc.record({
      kind: fc.constant("lognormal" as const),
      medianUs: fc.integer({ min: 100, max: 100_000 }),
      sigma: fc.double({ min: 0.01, max: 1, noNaN: true }),
    }),
  );
  fc.assert(
    fc.property(model, (drawn) => {
      const { table } = netemDelay(drawn);
      const values = table?.values ?? [];
      expect(values.length).toBeGreaterThan(0);
      expect(values.length).toBeLessThanOrEqual(16_384);
      expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(32_767);
      expect(Math.min(...delaysUs(drawn))).toBeGreaterThan(-5);
    }),
    { numRuns: 40 },
  );
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { drawLatencyUs, type LatencyModel } from "./latency.ts";
import { LatencySampler } from "./latency-sampler.ts";

const models: LatencyModel[] = [
  { kind: "constant", delayUs: 7 },
  { kind: "uniform", minUs: 500_000, maxUs: 1_500_000 },
  { kind: "exponential", meanUs: 40_000 },
  { kind: "lognormal", medianUs: 40_000, sigma: 0.4 },
  { kind: "lognormal", medianUs: 124_000, sigma: 0.2 },
];

test.each(models)("a sampler of $kind draws what the model draws", (model) => {
  const sampler = new LatencySampler(model);
  const bits = fc.nat({ max: 0xffff_ffff });
  const edges = [
    0, 1, 0x3fffff, 0x400000, 0x3ffffff, 0x4000000, 0x7fffffff, 0x80000000, 0xfbffffff, 0xffffffff,
  ];
  fc.assert(
    fc.property(bits, (draw) => sampler.drawUs(draw) === drawLatencyUs(model, (draw + 0.5) / 2 ** 32)),
    { examples: edges.map((edge): [number] => [edge]), numRuns: 2_000 },
  );
});

test("one sampler does not disturb another of another spread", () => {
  const narrow = new LatencySampler({ kind: "lognormal", medianUs: 1_000_000, sigma: 0.1 });
  const wide = new LatencySampler({ kind: "lognormal", medianUs: 1_000_000, sigma: 0.5 });
  const before = narrow.drawUs(0xc0000000);
  expect(wide.drawUs(0xc0000000)).toBeGreaterThan(before);
  expect(narrow.drawUs(0xc0000000)).toBe(before);
});

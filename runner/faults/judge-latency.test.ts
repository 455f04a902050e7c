import { expect, test } from "vitest";
import { Prng } from "../../node/core/support/prng.ts";
import { drawLatencyUs, type LatencyModel } from "../../node/link/latency.ts";
import { judgeLatency } from "./judge-latency.ts";

const MODELS: readonly LatencyModel[] = [
  { kind: "constant", delayUs: 100_000 },
  { kind: "uniform", minUs: 20_000, maxUs: 300_000 },
  { kind: "exponential", meanUs: 200_000 },
  { kind: "lognormal", medianUs: 150_000, sigma: 0.4 },
];

function delaysOf(model: LatencyModel, seed: number, change: (ms: number) => number = (ms) => ms) {
  const prng = new Prng(`delays ${seed}`);
  return Array.from({ length: 36 }, () => ({
    asked: model,
    isLossy: false,
    // A machine adds a millisecond or two.
    oneWayMs: change(drawLatencyUs(model, prng.uniform() || 0.5) / 1_000) + 2 * prng.uniform(),
  }));
}

test.each(MODELS)("delays that follow $kind are seen at work, for a thousand seeds", (model) => {
  const wrong = Array.from({ length: 1_000 }, (_, seed) => judgeLatency(delaysOf(model, seed))).filter(
    ({ probed }) => probed !== true,
  );
  // Four standard deviations: one in 15,000 is missed.
  expect(wrong.length).toBeLessThanOrEqual(2);
});

test.each(MODELS)("no delay at all, where $kind was asked, is found out", (model) => {
  expect(judgeLatency(delaysOf(model, 1, () => 0)).probed).toBe(false);
});

test.each(MODELS)("six times the delay of $kind is found out", (model) => {
  expect(judgeLatency(delaysOf(model, 1, (ms) => 6 * ms + 50)).probed).toBe(false);
});

test("with lost packets there is no upper bound, and nothing measured is nothing found", () => {
  const [model = MODELS[0] as LatencyModel] = MODELS;
  const slow = delaysOf(model, 1, (ms) => 5 * ms).map((delay) => ({ ...delay, isLossy: true }));
  expect(judgeLatency(slow).probed).toBe(true);
  expect(judgeLatency([])).toEqual({ probed: null, evidence: "no delay could be measured" });
});

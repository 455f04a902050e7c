import { expect, test } from "vitest";
import type { LatencyModel } from "../../node/link/latency.ts";
import { LinkShaper, Uplink } from "../../node/link/link-shaper.ts";
import { drawsAround } from "./draws-around.ts";

const link = { seed: "42", source: "node-3", target: "node-7" };
const MODELS: readonly LatencyModel[] = [
  { kind: "constant", delayUs: 40_000 },
  { kind: "uniform", minUs: 0, maxUs: 300_000 },
  { kind: "exponential", meanUs: 200_000 },
  { kind: "lognormal", medianUs: 50_000, sigma: 0.4 },
];
const RATIOS = [0, 0.0001, 0.003, 0.1, 0.5, 0.9, 0.99];

/** What the shaper of this link makes of a message, alone on it. */
function arrivalUs(latency: LatencyModel, lossRatio: number, drawKey: number): number | null {
  const condition = { latency, lossRatio, cut: false };
  return new LinkShaper(new Uplink(null), condition, link.seed, link.source, link.target).arrivalUs(
    0,
    drawKey,
    17,
  );
}

test.each(MODELS)(
  "a shaper with $kind loses once what the ratio hits, keeps what it misses, and delays both as told",
  (latency) => {
    for (const ratio of RATIOS) {
      const { lost, kept } = drawsAround(link, latency, ratio, 3);
      for (const { drawKey, latencyUs } of lost)
        expect(arrivalUs(latency, ratio, drawKey)).toBe(latencyUs + 200_000);
      for (const { drawKey, latencyUs } of kept) expect(arrivalUs(latency, ratio, drawKey)).toBe(latencyUs);
      // One of ten thousand is so rare that not all three are found.
      expect(lost.length).toBeGreaterThanOrEqual(ratio === 0 ? 0 : ratio < 0.001 ? 1 : 3);
      expect(kept.length).toBe(3);
    }
  },
);

test("a ratio that is off by a twentieth of a percentage point does something else to them", () => {
  const [latency = MODELS[0] as LatencyModel] = MODELS;
  const off = 0.0005;
  for (const ratio of RATIOS.filter((each) => each > off)) {
    const { lost, kept } = drawsAround(link, latency, ratio, 3);
    for (const { drawKey } of lost) expect(arrivalUs(latency, ratio - off, drawKey)).toBe(40_000);
    for (const { drawKey } of kept) expect(arrivalUs(latency, ratio + off, drawKey)).toBeGreaterThan(200_000);
  }
  for (const { drawKey } of drawsAround(link, latency, 0, 3).kept)
    expect(arrivalUs(latency, off, drawKey)).toBeGreaterThan(200_000);
});

test("the nearest comes first, and a ratio that no message draws leaves none to be lost", () => {
  const [latency = MODELS[0] as LatencyModel] = MODELS;
  const { lost, kept } = drawsAround(link, latency, 0.1, 3);
  const losses = lost.map((each) => each.lostAboveRatio);
  const keeps = kept.map((each) => each.lostAboveRatio);
  expect(losses).toEqual(losses.toSorted((a, b) => b - a));
  expect(keeps).toEqual(keeps.toSorted((a, b) => a - b));
  expect(drawsAround(link, latency, 1e-9, 3).lost).toEqual([]);
});

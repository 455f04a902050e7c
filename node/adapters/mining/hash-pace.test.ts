import { expect, test } from "vitest";
import { CATCH_UP_MS_MAX, HashPace, sleepBetweenBatchesMs } from "./hash-pace.ts";

/** Hashes that a pace lets through in so long, looked at every `stepMs`, at so many tries a ms of the machine. */
function triedIn(totalMs: number, hashesPerSec: number, stepMs: () => number, triesPerMs: number): number {
  const pace = new HashPace();
  pace.setRate(hashesPerSec, 0);
  let tried = 0;
  for (let nowMs = 0; nowMs < totalMs; ) {
    const count = pace.batch(nowMs);
    const tookMs = count / triesPerMs;
    pace.spent(count, tookMs);
    tried += count;
    nowMs += tookMs + (pace.isBehind ? 0 : stepMs());
  }
  return tried;
}

test("the rate holds within two percent over ten seconds, however coarse the sleeps are", () => {
  for (const [rate, stepMs] of [
    [100, 10],
    [20_000, 10],
    [20_000, 137],
    [1_000_000, 10],
  ] as const)
    expect(Math.abs(triedIn(10_000, rate, () => stepMs, 3_000) / (rate * 10) - 1)).toBeLessThan(0.02);
});

test("a short stall is made up for; of a long one a second is", () => {
  let looks = 0;
  const stall = (lengthMs: number) => () => (++looks === 100 ? lengthMs : 10);
  expect(triedIn(10_000, 20_000, stall(800), 3_000) / 200_000).toBeGreaterThan(0.98);
  looks = 0;
  const lost = 1 - triedIn(10_000, 20_000, stall(5_000), 3_000) / 200_000;
  expect(lost).toBeCloseTo((5_000 - CATCH_UP_MS_MAX) / 10_000, 1);
});

test("a rate beyond the machine is tried for without rest, in batches that leave room for messages", () => {
  const pace = new HashPace();
  pace.setRate(1e9, 0);
  let nowMs = 1;
  for (let batch = 0; batch < 50; batch += 1) {
    const count = pace.batch(nowMs);
    pace.spent(count, count / 3_000);
    nowMs += count / 3_000;
  }
  expect(pace.isBehind).toBe(true);
  expect(pace.batch(nowMs) / 3_000).toBeLessThanOrEqual(25);
});

test("a rate of zero tries nothing", () => {
  const pace = new HashPace();
  pace.setRate(0, 0);
  expect(pace.batch(60_000)).toBe(0);
});

test.each([
  ["a miner that alone needs a minute for a block", 240_000, 4_000, 50],
  ["one that needs twenty seconds", 80_000, 4_000, 20],
  ["one that needs a second", 20_000, 20_000, 10],
  ["one that is switched off", 20_000, 0, 50],
])("%s sleeps for a thousandth of that, between 10 and 50 ms", (_name, hashesPerBlock, hashesPerSec, ms) => {
  expect(sleepBetweenBatchesMs(hashesPerBlock, hashesPerSec)).toBe(ms);
});

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { intervalsMs, MiningHost } from "../../../test/support/mining-host.ts";
import { gapOnceInAHundred, largestGap } from "../../../test/support/two-samples.ts";
import { Prng } from "../../core/support/prng.ts";
import { DrawnMiner } from "./drawn-miner.ts";
import { HashMiner } from "./hash-miner.ts";

/** 256 hashes a block, 1,000 a second. */
const RATE = 1_000;
const MEAN_MS = 256;

/** So many that a rate which is off by a seventh is found. */
const BLOCK_COUNT = 5_000;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_800_000_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});
const nowUs = () => Date.now() * 1_000;

async function advanceUntilMined(host: MiningHost): Promise<number[]> {
  const startUs = nowUs();
  while (host.foundAtUs.length < BLOCK_COUNT) await vi.advanceTimersByTimeAsync(100 * MEAN_MS);
  return intervalsMs(host.foundAtUs.slice(0, BLOCK_COUNT), startUs);
}

/** Really hashed: the time is that of the clock by which the hashing is paced. */
async function hashedIntervals(hashesPerSec = RATE): Promise<number[]> {
  const host = new MiningHost({ seal: "hash" });
  const settings = { mode: "continuous", hashesPerSec, threadCount: null, nowUs } as const;
  const miner = new HashMiner(host, {
    ...settings,
    onFailure: (error) => {
      throw error;
    },
  });
  host.onTip = (tip) => miner.tipChanged(0, tip);
  miner.tipChanged(0, host.machine.tip);
  const intervals = await advanceUntilMined(host);
  await miner.close();
  return intervals;
}

async function drawnIntervals(): Promise<number[]> {
  const host = new MiningHost({ seal: "drawn" });
  const draws = new Prng("seed").stream("node-0 mining");
  const miner = new DrawnMiner(host, { mode: "continuous", hashesPerSec: RATE, draws, nowUs });
  host.onTip = (tip) => miner.tipChanged(0, tip);
  miner.tipChanged(0, host.machine.tip);
  const intervals = await advanceUntilMined(host);
  miner.close();
  return intervals;
}

test("hashed and drawn blocks come at intervals of one distribution", async () => {
  const [hashed, drawn] = [await hashedIntervals(), await drawnIntervals()];
  const limit = gapOnceInAHundred(BLOCK_COUNT, BLOCK_COUNT);
  expect(largestGap(hashed, drawn)).toBeLessThan(limit);

  // What the statistic has to find: another rate, and another shape with the same mean.
  const faster = await hashedIntervals(1.15 * RATE);
  expect(largestGap(faster, drawn)).toBeGreaterThan(limit);
  const even = drawn.map((_, index) => (2 * MEAN_MS * (index + 0.5)) / BLOCK_COUNT);
  expect(largestGap(even, drawn)).toBeGreaterThan(limit);
});

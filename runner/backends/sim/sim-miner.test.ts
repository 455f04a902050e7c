import fc from "fast-check";
import { expect, test } from "vitest";
import { compactFromDifficulty } from "../../../node/core/chain/target.ts";
import { BlockTree } from "../../../node/core/state/block-tree.ts";
import type { Message } from "../../../node/core/state/messages.ts";
import { FUNCTIONS } from "../../../test/sim/world.ts";
import { aChain } from "../../../test/support/chain-fixtures.ts";
import { EventQueue } from "./event-queue.ts";
import { SimMiner } from "./sim-miner.ts";

const HASHES_PER_BLOCK = 2 ** 20;
/** A block a second. */
const RATE = HASHES_PER_BLOCK;

function makeMiner(hashesPerSec: readonly number[], seed = "miner") {
  const queue = new EventQueue<Message>();
  const chain = aChain({ initialCompactTarget: compactFromDifficulty(20) });
  const tree = new BlockTree(chain, { viewCount: hashesPerSec.length, linkCountMax: 1 }, FUNCTIONS);
  const miner = new SimMiner(queue, tree, seed, hashesPerSec);
  hashesPerSec.forEach((_, view) => {
    miner.tipChanged(view, tree.genesis);
  });
  return { queue, miner, tree };
}

/** Times of a node's finds until `untilUs`, at most `countMax`. */
function findsOf(
  { queue, miner }: ReturnType<typeof makeMiner>,
  view: number,
  untilUs: number,
  countMax = 1e9,
) {
  const findsUs: number[] = [];
  while (findsUs.length < countMax) {
    const slot = queue.take(untilUs);
    if (slot === -1) break;
    const node = queue.node(slot);
    const isMeant = miner.isDue(node, queue.detail(slot));
    if (isMeant && node === view) findsUs.push(queue.nowUs);
  }
  if (findsUs.length < countMax) queue.nowUs = untilUs;
  return findsUs;
}

test("times between finds are exponential with the mean that hash rate and difficulty give", () => {
  const count = 5_000;
  const finds = findsOf(makeMiner([RATE / 2]), 0, Number.MAX_SAFE_INTEGER, count);
  const gapsUs = finds.map((atUs, index) => atUs - (finds[index - 1] ?? 0)).sort((a, b) => a - b);
  const distribution = (gapUs: number) => 1 - Math.exp(-gapUs / 2_000_000);
  const distances = gapsUs.map((gapUs, index) =>
    Math.max(distribution(gapUs) - index / count, (index + 1) / count - distribution(gapUs)),
  );
  // Kolmogorov and Smirnov's bound for one chance in a hundred.
  expect(Math.max(...distances)).toBeLessThan(1.63 / Math.sqrt(count));
});

test("changes of the rate and stops neither lose work nor make any", () => {
  const segment = fc.record({
    lastsUs: fc.integer({ min: 0, max: 3_000_000 }),
    rate: fc.constantFrom(0, RATE / 3, RATE, 10 * RATE),
    stopped: fc.boolean(),
  });
  fc.assert(
    fc.property(
      fc.array(segment, { maxLength: 20 }),
      fc.integer({ min: 0, max: 1_000 }),
      (segments, seed) => {
        const seedText = String(seed);
        const steady = findsOf(makeMiner([RATE], seedText), 0, Number.MAX_SAFE_INTEGER, 700);
        const world = makeMiner([RATE], seedText);
        /** Blocks to be expected of the hashing so far, at each find. */
        const worked: number[] = [];
        let done = 0;
        let rate = RATE;
        for (const { lastsUs, rate: next, stopped } of [
          ...segments,
          { lastsUs: 5_000_000, rate: RATE, stopped: false },
        ]) {
          world.miner.setHashRate(0, next);
          world.miner.setStopped(0, stopped);
          rate = stopped ? 0 : next / RATE;
          const fromUs = world.queue.nowUs;
          for (const atUs of findsOf(world, 0, fromUs + lastsUs))
            worked.push(done + (rate * (atUs - fromUs)) / 1_000_000);
          done += (rate * lastsUs) / 1_000_000;
        }
        // Each find and each change rounds to a microsecond, of at most ten blocks a second.
        const tolerance = 1e-3;
        const countUntil = (work: number) => steady.filter((atUs) => atUs / 1_000_000 <= work).length;
        expect(worked.length).toBeGreaterThanOrEqual(countUntil(done - tolerance));
        expect(worked.length).toBeLessThanOrEqual(countUntil(done + tolerance));
        for (const [index, work] of worked.entries())
          expect(Math.abs(work - (steady[index] as number) / 1_000_000)).toBeLessThan(tolerance);
      },
    ),
    { numRuns: 60, seed: 13 },
  );
});

test("a new tip of the same difficulty moves no draw", () => {
  const still = findsOf(makeMiner([RATE]), 0, 50_000_000);
  const world = makeMiner([RATE]);
  const finds: number[] = [];
  for (let atUs = 0; atUs < 50_000_000; atUs += 70_001) {
    finds.push(...findsOf(world, 0, Math.min(50_000_000, atUs + 70_001)));
    world.miner.tipChanged(0, world.tree.genesis);
  }
  expect(finds).toEqual(still);
});

test("a node's finds are its own: others change nothing of them", () => {
  const alone = findsOf(makeMiner([RATE]), 0, 30_000_000);
  expect(findsOf(makeMiner([RATE, 5 * RATE, 0]), 0, 30_000_000)).toEqual(alone);
});

test("a node that does not hash finds nothing, and one that is stopped finds nothing until it goes on", () => {
  expect(findsOf(makeMiner([0]), 0, 1e12)).toEqual([]);
  const world = makeMiner([RATE]);
  world.miner.setStopped(0, true);
  expect(findsOf(world, 0, 60_000_000)).toEqual([]);
  world.miner.setStopped(0, false);
  expect(findsOf(world, 0, 120_000_000).length).toBeGreaterThan(0);
});

test("a find that lies beyond all time is no event", () => {
  const world = makeMiner([1e-12]);
  expect(findsOf(world, 0, 1e12)).toEqual([]);
  expect(world.queue.size).toBe(0);
});

test("nonces are 64 bits and follow from the seed", () => {
  const nonces = Array.from({ length: 100 }, () => 0n);
  const { miner } = makeMiner([RATE]);
  const again = makeMiner([RATE]).miner;
  for (const index of nonces.keys()) nonces[index] = miner.drawNonce(0);
  expect(nonces).toEqual(nonces.map(() => again.drawNonce(0)));
  expect(new Set(nonces).size).toBe(100);
  expect(nonces.every((nonce) => nonce >= 0n && nonce < 2n ** 64n)).toBe(true);
  expect(nonces.some((nonce) => nonce >= 2n ** 60n)).toBe(true);
});

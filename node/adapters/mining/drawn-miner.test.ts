import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { aChain, miner as account, sha256 } from "../../../test/support/chain-fixtures.ts";
import { workOfCompact } from "../../core/chain/target.ts";
import { buildTemplate } from "../../core/consensus/block-template.ts";
import { BlockTree } from "../../core/state/block-tree.ts";
import { Mempool } from "../../core/state/mempool.ts";
import { Prng } from "../../core/support/prng.ts";
import { DrawnMiner } from "./drawn-miner.ts";
import type { MinerHost } from "./miner-host.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: 1_800_000_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

/** By how many us the clock runs ahead of the timers: a process that stood still. */
let stoodStillUs = 0;
const nowUs = () => Date.now() * 1_000 + stoodStillUs;

/** A miner on a chain of its own, and when it found its blocks, us. */
function aMiner(hashesPerSec: number, mode: "continuous" | "demand" = "continuous") {
  stoodStillUs = 0;
  const chain = aChain();
  const tree = new BlockTree(chain, { viewCount: 1, linkCountMax: 1 }, { sha256, verify: () => true });
  const machine = { tree, tip: tree.genesis, mempool: new Mempool(1) };
  const foundAtUs: number[] = [];
  const host: MinerHost = {
    machine,
    template: (atUs) => buildTemplate(tree, machine.tip, machine.mempool, account.publicKey, atUs),
    sealed: ({ header, transactions }, nonce, atUs) => {
      const entered = tree.enterMined({ ...header, nonce }, transactions);
      if (!entered.ok) return entered.violation;
      tree.judge(entered.block);
      machine.tip = entered.block;
      foundAtUs.push(atUs);
      miner.tipChanged(0, entered.block);
      return null;
    },
  };
  const draws = new Prng("seed").stream("node-0 mining");
  const miner = new DrawnMiner(host, { mode, hashesPerSec, draws, nowUs });
  miner.tipChanged(0, tree.genesis);
  const meanUs = (Number(workOfCompact(chain.initialCompactTarget)) / hashesPerSec) * 1_000_000;
  return { miner, foundAtUs, meanUs };
}

test("the times between finds are exponential with the mean that work and rate give", async () => {
  const { foundAtUs, meanUs } = aMiner(1_000);
  await vi.advanceTimersByTimeAsync((meanUs / 1_000) * 2_000);
  const gapsUs = foundAtUs.slice(1).map((atUs, index) => atUs - (foundAtUs[index] as number));
  const mean = gapsUs.reduce((sum, gap) => sum + gap, 0) / gapsUs.length;
  // 2,000 draws: the mean is known to 1 / sqrt(2000) = 2.2 %, three times of which hold in 99.7 % of all seeds.
  expect(Math.abs(mean / meanUs - 1)).toBeLessThan(0.067);
  const overMean = gapsUs.filter((gap) => gap > meanUs).length / gapsUs.length;
  expect(Math.abs(overMean - Math.exp(-1))).toBeLessThan(0.034);
});

test("rate and mode take effect at once, and the hashes tried are those of the rate", async () => {
  const { miner, foundAtUs } = aMiner(1_000);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(miner.hashesTried()).toBe(10_000);
  miner.setMode("off");
  const before = foundAtUs.length;
  await vi.advanceTimersByTimeAsync(10_000);
  expect([foundAtUs.length, miner.hashesTried()]).toEqual([before, 10_000]);
  miner.setMode("continuous");
  miner.setHashRate(0, 100_000);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(miner.hashesTried()).toBe(110_000);
  expect(foundAtUs.length).toBeGreaterThan(before + 200);
});

test("a process that stood still for a minute did not mine meanwhile", async () => {
  const { miner, foundAtUs } = aMiner(1_000);
  await vi.advanceTimersByTimeAsync(5_000);
  const before = foundAtUs.length;
  stoodStillUs = 60_000_000;
  await vi.advanceTimersByTimeAsync(1);
  expect(miner.hashesTried()).toBeLessThan(5_000 + 1_300);
  await vi.advanceTimersByTimeAsync(1_000);
  // Two and a half seconds of work at four blocks a second, where a minute's would be 234.
  expect(foundAtUs.length - before).toBeLessThan(30);
});

test("on demand one block is made at once, and none by itself", async () => {
  const { miner, foundAtUs } = aMiner(1_000_000, "demand");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(foundAtUs).toEqual([]);
  expect((await miner.mineOne(1_000)).header.height).toBe(1);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(foundAtUs).toHaveLength(1);
});

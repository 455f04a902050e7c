import { afterEach, expect, test } from "vitest";
import { until } from "../../../test/support/live-process.ts";
import { MiningHost } from "../../../test/support/mining-host.ts";
import { compactFromDifficulty } from "../../core/chain/target.ts";
import type { MiningMode } from "../../ports/mining-control.ts";
import { HashMiner } from "./hash-miner.ts";

let miner: HashMiner;
afterEach(() => miner.close());

/** A miner on a chain of its own, whose blocks must meet their target. */
function aMiner(hashesPerSec: number, mode: MiningMode, threadCount: number | null = null): MiningHost {
  const host = new MiningHost({ seal: "hash", initialCompactTarget: compactFromDifficulty(10) });
  miner = new HashMiner(host, {
    mode,
    hashesPerSec,
    threadCount,
    nowUs: () => Date.now() * 1_000,
    onFailure: (error) => {
      throw error;
    },
  });
  host.onTip = (tip) => miner.tipChanged(0, tip);
  miner.tipChanged(0, host.machine.tip);
  return host;
}

test("threads that find a nonce for the same parent make one block of it", async () => {
  // Each thread makes more finds in a millisecond than a message takes to reach it: without care most blocks had a sibling.
  const host = aMiner(1e9, "continuous", 3);
  const parents: string[] = [];
  const seal = host.sealed.bind(host);
  host.sealed = (template, ...rest) => {
    parents.push(template.header.parentHash);
    return seal(template, ...rest);
  };
  await until(() => (parents.length >= 200 ? true : null), 30_000);
  expect(new Set(parents).size).toBe(parents.length);
});

test("rate and mode take effect, and nothing is hashed in between", async () => {
  const host = aMiner(50_000, "continuous");
  await until(() => (host.foundAtUs.length >= 3 ? true : null), 30_000);
  miner.setMode("off");
  await nextTurn();
  const [found, tried] = [host.foundAtUs.length, miner.hashesTried()];
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect([host.foundAtUs.length, miner.hashesTried()]).toEqual([found, tried]);
  miner.setMode("continuous");
  await until(() => (host.foundAtUs.length > found ? true : null), 30_000);
});

test("on demand one block is made, and no hash is tried before or after", async () => {
  const host = aMiner(100_000, "demand");
  await nextTurn();
  expect(miner.hashesTried()).toBe(0);
  expect((await miner.mineOne(30_000))?.header.height).toBe(1);
  await nextTurn();
  const tried = miner.hashesTried();
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect([host.foundAtUs.length, miner.hashesTried()]).toEqual([1, tried]);
});

test("a block that is not found by its deadline is none, and the miner rests", async () => {
  aMiner(1, "demand");
  expect(await miner.mineOne(50)).toBeNull();
});

test("a closed miner tries nothing and finds nothing", async () => {
  const host = aMiner(50_000, "continuous", 2);
  await until(() => (host.foundAtUs.length >= 1 ? true : null), 30_000);
  await miner.close();
  const found = host.foundAtUs.length;
  miner.tipChanged(0, host.machine.tip);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(host.foundAtUs.length).toBe(found);
});

const nextTurn = () => new Promise((resolve) => setTimeout(resolve, 20));

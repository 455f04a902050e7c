import { expect, test } from "vitest";
import { EndlessLoad } from "./endless-load.ts";
import type { LoadOptions } from "./load-command.ts";

const OPTIONS: LoadOptions = {
  perSec: 20,
  kind: "mixed",
  feeMax: 3,
  accountCount: 4,
  seed: "load",
  durationMs: null,
  registryUrl: "",
  nodeUrls: [],
};
const GAP_US_MAX = 5_000_000;

test("arrivals have the rate and the spread of a Poisson process, however they are taken", () => {
  const load = new EndlessLoad(OPTIONS, 0);
  const times: number[] = [];
  for (let nowUs = 0; nowUs <= 500_000_000; nowUs += 100_000)
    times.push(...[...load.dueBy(nowUs, GAP_US_MAX)].map(({ atUs }) => atUs));
  // 10,000 expected; the deviation of a Poisson count is its root, 100.
  expect(Math.abs(times.length - 10_000)).toBeLessThan(400);
  const perSecond = new Array<number>(500).fill(0);
  for (const atUs of times) perSecond[Math.floor(atUs / 1e6)] = (perSecond[Math.floor(atUs / 1e6)] ?? 0) + 1;
  const mean = times.length / 500;
  const variance = perSecond.reduce((sum, count) => sum + (count - mean) ** 2, 0) / 499;
  // Variance equals mean; its estimate from 500 seconds is off by 6 % typically.
  expect(variance / mean).toBeGreaterThan(0.75);
  expect(variance / mean).toBeLessThan(1.25);
});

test("of each kind, account and fee there is a fair share, and nobody pays himself", () => {
  const load = new EndlessLoad(OPTIONS, 0);
  const drawn = [...load.dueBy(400_000_000, Number.POSITIVE_INFINITY)];
  const share = (matches: (tx: (typeof drawn)[number]) => boolean) =>
    drawn.filter(matches).length / drawn.length;
  expect(share(({ body }) => body.kind === "post")).toBeCloseTo(0.5, 1);
  for (let account = 0; account < 4; account += 1)
    expect(share((tx) => tx.account === account)).toBeCloseTo(0.25, 1);
  for (const fee of [0n, 1n, 2n, 3n]) expect(share((tx) => tx.fee === fee)).toBeCloseTo(0.25, 1);
  expect(share(({ account, body }) => body.kind === "transfer" && body.recipient === account)).toBe(0);
});

test("after a long sleep it goes on from now", () => {
  const load = new EndlessLoad(OPTIONS, 0);
  const woke = 3_600_000_000;
  expect([...load.dueBy(woke, GAP_US_MAX)].length).toBeLessThanOrEqual(1);
  expect(load.nextUs).toBeGreaterThanOrEqual(woke);
});

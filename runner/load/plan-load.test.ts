import { expect, test } from "vitest";
import { Prng } from "../../node/core/support/prng.ts";
import { arrivals, defaultAccountCount, planLoad } from "./plan-load.ts";

const aLoad = (change: Partial<Parameters<typeof planLoad>[0]> = {}) => ({
  rate: { perSec: 10 },
  kind: "transfer" as const,
  fee: { min: 1, max: 10 },
  confirmations: 6,
  ...change,
});
const plan = (change: Partial<Parameters<typeof planLoad>[0]> = {}, seconds = 1000) =>
  planLoad(aLoad(change), seconds * 1e6, 7, new Prng("1"));

test("arrivals have the rate asked for and exponential gaps", () => {
  const times = arrivals(50, 1_000e6, new Prng("3"));
  // 50,000 expected; the standard deviation of a Poisson count is its square root.
  expect(Math.abs(times.length - 50_000)).toBeLessThan(4 * Math.sqrt(50_000));
  const gaps = times.slice(1).map((atUs, index) => atUs - (times[index] ?? 0));
  expect(gaps.every((gap) => gap >= 0)).toBe(true);
  // Kolmogorov and Smirnov: beyond 1.95 / sqrt(n) with a chance of 0.1 %. Rounding to microseconds is far below it.
  const sorted = gaps.sort((x, y) => x - y);
  const distance = sorted.map((gap, index) =>
    Math.abs(1 - Math.exp(-gap / 20_000) - (index + 0.5) / sorted.length),
  );
  expect(Math.max(...distance)).toBeLessThan(1.95 / Math.sqrt(sorted.length));
});

test("no rate, no load and no accounts", () => {
  expect(plan({ rate: { perSec: 0 } })).toEqual({ accounts: [], load: [] });
});

test("nobody pays itself, and fees lie in their range with both ends", () => {
  const { load, accounts } = plan({ accounts: 3 });
  expect(load.every(({ account, body }) => body.kind === "transfer" && body.recipient !== account)).toBe(
    true,
  );
  const recipients = new Set(load.map(({ body }) => (body.kind === "transfer" ? body.recipient : -1)));
  expect([...recipients].sort()).toEqual([0, 1, 2]);
  expect([...new Set(load.map(({ fee }) => Number(fee)))].sort((x, y) => x - y)).toEqual([
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
  ]);
  expect(accounts).toHaveLength(3);
});

test("balances cover everything that an account sends, even at high fees", () => {
  const { load, accounts } = plan({ accounts: 2, fee: 1_000_000 });
  for (const [index, { balance }] of accounts.entries()) {
    const costs = load.filter(({ account }) => account === index).map(({ fee }) => fee + 1n);
    expect(balance >= costs.reduce((sum, cost) => sum + cost, 0n)).toBe(true);
  }
});

test("accounts are spread over the nodes, and a post carries a text of its own", () => {
  const { load, accounts } = plan({ kind: "post" }, 100);
  expect(new Set(accounts.map(({ node }) => node)).size).toBe(7);
  expect(new Set(load.map(({ body }) => (body.kind === "post" ? body.text : ""))).size).toBe(load.length);
});

test("other fees, accounts or kinds leave the times of arrival as they were", () => {
  const times = (change: Partial<Parameters<typeof planLoad>[0]>) =>
    plan(change, 100).load.map(({ atUs }) => atUs);
  expect(times({ fee: 3, accounts: 99, kind: "post" })).toEqual(times({}));
});

test("there is one account for every four transactions, within bounds", () => {
  expect([0, 300, 1e9].map(defaultAccountCount)).toEqual([10, 75, 1000]);
});

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Prng } from "../../core/support/prng.ts";
import { ADDRESS_COUNT_MAX, type Address, Dialer } from "./dialer.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A dialer whose every try fails; when it tried, ms. */
function failing(isConfigured: boolean) {
  const triedAtMs: number[] = [];
  const dialer = new Dialer(new Prng("seed"), (address: Address) => {
    triedAtMs.push(Date.now());
    dialer.failed(address, "ECONNREFUSED");
  });
  const address = dialer.enter("http://127.0.0.1:9", isConfigured, null);
  if (address === null) throw new Error("no room");
  dialer.failed(address, "ECONNREFUSED");
  return { dialer, address, triedAtMs };
}

test("waits double up to five seconds, half of each drawn, and a configured address is tried for ever", async () => {
  const { triedAtMs } = failing(true);
  await vi.advanceTimersByTimeAsync(120_000);
  const waitsMs = triedAtMs.map((atMs, index) => atMs - (triedAtMs[index - 1] ?? 0));
  for (const [index, waitMs] of waitsMs.entries()) {
    const ceilingMs = Math.min(5_000, 250 * 2 ** index);
    expect(waitMs).toBeGreaterThanOrEqual(ceilingMs / 2 - 1);
    expect(waitMs).toBeLessThanOrEqual(ceilingMs + 1);
  }
  expect(triedAtMs.length).toBeGreaterThan(24);
  expect(new Set(waitsMs.slice(6)).size).toBeGreaterThan(10);
});

test("an address that nobody configured is forgotten after a few tries", async () => {
  const { dialer, address, triedAtMs } = failing(false);
  await vi.advanceTimersByTimeAsync(120_000);
  expect(triedAtMs).toHaveLength(8);
  expect(dialer.find(address.url)).toBeNull();
});

test("success ends the tries, and the next failure begins with short waits", async () => {
  const { dialer, address, triedAtMs } = failing(true);
  await vi.advanceTimersByTimeAsync(20_000);
  dialer.succeeded(address);
  const count = triedAtMs.length;
  await vi.advanceTimersByTimeAsync(20_000);
  expect(triedAtMs).toHaveLength(count);
  dialer.failed(address, "gone");
  await vi.advanceTimersByTimeAsync(251);
  expect(triedAtMs).toHaveLength(count + 1);
});

test("a wait that was asked for is kept, and a full table takes no more", async () => {
  const { dialer, address, triedAtMs } = failing(true);
  dialer.failed(address, "broke a rule", 30_000);
  await vi.advanceTimersByTimeAsync(29_900);
  expect(triedAtMs).toEqual([]);
  for (let port = 1; port < ADDRESS_COUNT_MAX; port += 1) dialer.enter(`http://10.0.0.1:${port}`, true, null);
  expect(dialer.enter("http://10.0.0.2:1", true, null)).toBeNull();
  expect(dialer.enter(address.url, false, null)).toBe(address);
});

test("an address that is forgotten is tried no more, also not by a try that was under way; a configured one stays", async () => {
  const learned = failing(false);
  learned.dialer.forget(learned.address.url);
  learned.dialer.failed(learned.address, "ECONNREFUSED");
  await vi.advanceTimersByTimeAsync(120_000);
  expect(learned.triedAtMs).toEqual([]);
  expect(learned.dialer.find(learned.address.url)).toBeNull();
  const configured = failing(true);
  configured.dialer.forget(configured.address.url);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(configured.triedAtMs.length).toBeGreaterThan(0);
});

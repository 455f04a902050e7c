import { expect, test } from "vitest";
import { burstOf } from "./kernel-probe.ts";

const HEADER_BYTES = 42;

test.each([20_000, 100_000, 1_000_000, 20_000_000, 80_000_000])(
  "at %s bit/s a measure takes the uplink some 450 ms, in datagrams that fit a packet",
  (bitsPerSec) => {
    const { count, sizeBytes } = burstOf(bitsPerSec);
    const ms = (count * (sizeBytes + HEADER_BYTES) * 8_000) / bitsPerSec;
    expect(ms).toBeGreaterThan(400);
    expect(ms).toBeLessThan(500);
    expect(count).toBeGreaterThanOrEqual(8);
    expect(sizeBytes).toBeLessThanOrEqual(1_400);
  },
);

test("at rates that a few bytes fill or that no node fills, and at none, a measure has its bounds", () => {
  expect(burstOf(1_000)).toEqual({ count: 8, sizeBytes: 64 });
  expect(burstOf(10_000_000_000)).toEqual({ count: 4_000, sizeBytes: 1_400 });
  expect(burstOf(null)).toEqual({ count: 300, sizeBytes: 1_400 });
});

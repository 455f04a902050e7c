import fc from "fast-check";
import { expect, test } from "vitest";
import { CLIENT_COUNT_MAX, ClientBuckets, clientOf } from "./client-buckets.ts";

test("within any span a client is let in at most the burst and what the rate gives, and waits no longer than it is told", () => {
  const rate = fc.record({
    perSec: fc.integer({ min: 1, max: 100 }),
    burst: fc.integer({ min: 1, max: 50 }),
  });
  fc.assert(
    fc.property(rate, fc.array(fc.nat({ max: 400 }), { maxLength: 200 }), (limits, waitsMs) => {
      const buckets = new ClientBuckets(limits);
      const admittedMs: number[] = [];
      let nowMs = 0;
      for (const waitMs of waitsMs) {
        nowMs += waitMs;
        const retrySec = buckets.take("192.0.2.1", nowMs);
        if (retrySec === null) admittedMs.push(nowMs);
        else expect(retrySec).toBeLessThanOrEqual(Math.ceil(1 / limits.perSec));
      }
      for (const [first, fromMs] of admittedMs.entries())
        for (const [last, toMs] of admittedMs.entries())
          if (last >= first)
            expect(last - first + 1).toBeLessThanOrEqual(
              limits.burst + ((toMs - fromMs) * limits.perSec) / 1_000 + 1e-6,
            );
    }),
    { numRuns: 50 },
  );
});

test("clients do not pay for one another, and no more are remembered than the bound", () => {
  const buckets = new ClientBuckets({ perSec: 1, burst: 1 });
  expect(buckets.take("192.0.2.1", 0)).toBeNull();
  expect(buckets.take("192.0.2.1", 0)).toBe(1);
  expect(buckets.take("192.0.2.2", 0)).toBeNull();
  for (let client = 0; client < CLIENT_COUNT_MAX + 10; client += 1)
    buckets.take(`10.0.${client >> 8}.${client & 255}`, 0);
  expect(buckets.count).toBe(CLIENT_COUNT_MAX);
});

test.each([
  ["192.0.2.1", "192.0.2.1"],
  ["::ffff:192.0.2.1", "192.0.2.1"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
  ["2001:db8::1", "2001:db8:0:0"],
  ["2001:0db8:0001::2:1", "2001:db8:1:0"],
  ["::1", "0:0:0:0"],
  ["fe80::1%eth0", "fe80:0:0:0"],
])("%s is the client %s", (address, client) => {
  expect(clientOf(address)).toBe(client);
});

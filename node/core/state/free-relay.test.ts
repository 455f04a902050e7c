import fc from "fast-check";
import { expect, test } from "vitest";
import { FREE_BURST_US, FreeRelay } from "./free-relay.ts";

/** When a bucket that is full at the start lets these through: it fills with time up to its brim, and what is taken leaves it. Exact. */
function letThrough(bytesPerSec: number, asked: readonly { waitUs: number; sizeBytes: number }[]): boolean[] {
  const brim = BigInt(bytesPerSec) * BigInt(FREE_BURST_US);
  let level = brim;
  return asked.map(({ waitUs, sizeBytes }) => {
    level += BigInt(bytesPerSec) * BigInt(waitUs);
    if (level > brim) level = brim;
    const needed = BigInt(sizeBytes) * 1_000_000n;
    if (needed > level) return false;
    level -= needed;
    return true;
  });
}

test("it lets through what a bucket of tokens does", () => {
  // Rates that divide a second, so that nothing is rounded.
  const rate = fc.constantFrom(1_000, 10_000, 50_000);
  const asked = fc.array(fc.record({ waitUs: fc.nat(20_000_000), sizeBytes: fc.nat(400_000) }));
  fc.assert(
    fc.property(rate, asked, (bytesPerSec, list) => {
      const free = new FreeRelay(bytesPerSec);
      let nowUs = 0;
      const through = list.map(({ waitUs, sizeBytes }) => {
        nowUs += waitUs;
        const isTaken = free.hasRoom(sizeBytes, nowUs);
        if (isTaken) free.take(sizeBytes, nowUs);
        return isTaken;
      });
      expect(through).toEqual(letThrough(bytesPerSec, list));
    }),
  );
});

test("rounded or not, it never lets through more than its rate", () => {
  const free = new FreeRelay(7);
  let bytes = 0;
  for (let nowUs = 0; nowUs < 60_000_000; nowUs += 10_000)
    if (free.hasRoom(1, nowUs)) {
      free.take(1, nowUs);
      bytes += 1;
    }
  expect(bytes).toBeLessThanOrEqual(7 * (60 + FREE_BURST_US / 1_000_000));
  expect(bytes).toBeGreaterThan(7 * 60);
});

test("a rate of 0 lets nothing through", () => {
  expect(new FreeRelay(0).hasRoom(1, 1_000_000_000)).toBe(false);
});

import { expect, test } from "vitest";
import { departureUs, RETRANSMISSION_TIMEOUT_US, retransmissionUs, transmissionUs } from "./link-delay.ts";

test("so many losses in a row are as frequent as the geometric law says, up to eight", () => {
  const count = 1_000_000;
  for (const lossRatio of [0.01, 0.1, 0.5, 0.9]) {
    const found = new Map<number, number>();
    for (let draw = 0; draw < count; draw++) {
      const delayUs = retransmissionUs(lossRatio, (draw + 0.5) / count);
      found.set(delayUs, (found.get(delayUs) ?? 0) + 1);
    }
    for (let losses = 0; losses <= 8; losses++) {
      // The first timeout, then twice as long each time: 2^k - 1 of them after k losses.
      const delayUs = RETRANSMISSION_TIMEOUT_US * (2 ** losses - 1);
      const share = losses === 8 ? lossRatio ** 8 : lossRatio ** losses * (1 - lossRatio);
      expect(Math.abs((found.get(delayUs) ?? 0) - share * count)).toBeLessThan(2);
      found.delete(delayUs);
    }
    expect(found.size).toBe(0);
  }
  expect(retransmissionUs(0, 1e-9)).toBe(0);
});

test("a message takes its bits at the uplink's rate, rounded up to a microsecond", () => {
  expect(transmissionUs(1_000, 8_000_000)).toBe(1_000);
  expect(transmissionUs(1, 8_000_001)).toBe(1);
  expect(transmissionUs(500_000, 20_000_000)).toBe(200_000);
  expect(transmissionUs(500_000, null)).toBe(0);
});

test("large messages queue, small ones slip in beside them and still take their share", () => {
  // 8 Mbit/s: a byte takes a microsecond. Worked out by hand.
  const schedule = [
    { nowUs: 0, sizeBytes: 10_000, departsUs: 10_000 },
    { nowUs: 1_000, sizeBytes: 5_000, departsUs: 15_000 },
    { nowUs: 2_000, sizeBytes: 100, departsUs: 2_100 },
    { nowUs: 2_000, sizeBytes: 1_500, departsUs: 3_500 },
    { nowUs: 2_000, sizeBytes: 1_501, departsUs: 18_101 },
    // The uplink was free for a while: nothing is owed.
    { nowUs: 50_000, sizeBytes: 2_000, departsUs: 52_000 },
    { nowUs: 52_000, sizeBytes: 2_000, departsUs: 54_000 },
  ];
  let busyUntilUs = 0;
  for (const { nowUs, sizeBytes, departsUs } of schedule) {
    const durationUs = transmissionUs(sizeBytes, 8_000_000);
    expect(departureUs(nowUs, busyUntilUs, sizeBytes, durationUs)).toBe(departsUs);
    busyUntilUs = Math.max(nowUs, busyUntilUs) + durationUs;
  }
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { toCoins, toUnits } from "./coins.ts";

test("an amount of coins becomes the units that it stands for, and reads back as it was sent", () => {
  expect(toUnits(1, 50n)).toBe(50n);
  expect(toUnits(0.02, 50n)).toBe(1n);
  expect(toUnits(0.1, 50_000_000n)).toBe(5_000_000n);
  expect(toUnits(1e-7, 10_000_000n)).toBe(1n);
  expect(toUnits(3e4, 1n)).toBe(30_000n);
  fc.assert(
    fc.property(fc.bigInt(1n, 2n ** 52n), fc.constantFrom(1n, 50n, 1_000n, 50_000_000n), (amount, unit) => {
      const coins = toCoins(amount, unit);
      const units = toUnits(coins, unit);
      if (units !== null) expect(toCoins(units, unit)).toBe(coins);
    }),
  );
  fc.assert(
    fc.property(fc.nat(), fc.nat(9_999), (whole, hundredths) => {
      const coins = Number(`${whole}.${hundredths}`);
      const units = toUnits(coins, 50_000_000n);
      if (units !== null) expect(toCoins(units, 50_000_000n)).toBe(coins);
    }),
  );
});

test.each([0, -1, 0.01, 1.005, Number.NaN, Number.POSITIVE_INFINITY, 1e300])(
  "%d coins of 50 units are none",
  (coins) => {
    expect(toUnits(coins, 50n)).toBeNull();
  },
);

import { expect, test } from "vitest";
import { unitsOf } from "./coins.js";

test.each([
  ["1", "50000000", 50_000_000n],
  ["0.00000002", "50000000", 1n],
  ["1.50", "50", 75n],
  ["3", "0", 3n],
  ["18446744073", "1000000000", 18_446_744_073_000_000_000n],
])("%s coins of %s units are %s units", (text, reward, units) => {
  expect(unitsOf(text, reward)).toBe(units);
});

test.each(["", "x", "-1", "1e3", "1.", ".5", "0.01", "0.123456789012345678901"])(
  "%j is no amount of coins of 50 units",
  (text) => {
    expect(() => unitsOf(text, "50")).toThrow();
  },
);

import fc from "fast-check";
import { expect, test } from "vitest";
import { nodeSet, nodesOf } from "./node-set.ts";
import { bitRate, duration, eventRate, hashRate, positiveDuration, ratio, size } from "./quantities.ts";

test("each unit gives what it stands for", () => {
  const durations = ["3us", "250ms", "1.5s", "2min", "1h", "0.5d", "10 s"].map(
    (text) => duration().parse(text).us,
  );
  expect(durations).toEqual([3, 250_000, 1_500_000, 120_000_000, 3_600_000_000, 43_200_000_000, 10_000_000]);
  expect(hashRate().parse("20kH/s")).toEqual({ hashesPerSec: 20_000 });
  expect(hashRate().parse("0H/s")).toEqual({ hashesPerSec: 0 });
  expect(bitRate().parse("2.5Mbit/s")).toEqual({ bitsPerSec: 2_500_000 });
  expect(size("0B", "1GB").parse("500kB")).toEqual({ bytes: 500_000 });
  expect(size("0B", "1GB").parse("1MiB")).toEqual({ bytes: 1_048_576 });
  expect(eventRate().parse("30/min")).toEqual({ perSec: 0.5 });
  expect(["2%", 0.02, "100%", 0].map((value) => ratio().parse(value).ratio)).toEqual([0.02, 0.02, 1, 0]);
});

test("a duration survives being written in microseconds, whatever it is", () => {
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 45 }), (us) => {
      expect(duration().parse(`${us}us`)).toEqual({ us });
    }),
  );
});

test("a bare number, another unit, a sign and a stray letter are refused", () => {
  const values = [250, "250", "5Oms", "-5ms", "1e3ms", "5 m", "10H/s", "", null, "5ms ", "ms"];
  expect(values.filter((value) => duration().safeParse(value).success)).toEqual([]);
});

test("bounds are part of the quantity", () => {
  expect(positiveDuration().safeParse("0s").success).toBe(false);
  expect(bitRate().safeParse("0bit/s").success).toBe(false);
  expect(size("1kB", "1MB").safeParse("999B").success).toBe(false);
  expect(ratio().safeParse("101%").success).toBe(false);
  expect(ratio().safeParse(1.01).success).toBe(false);
});

test("nodes are numbers, ranges, lists of both, or all", () => {
  const nodes = (value: unknown) => nodesOf(nodeSet().parse(value), 10);
  expect(nodes(3)).toEqual([3]);
  expect(nodes("3")).toEqual([3]);
  expect(nodes("2-4")).toEqual([2, 3, 4]);
  expect(nodes(["7-8", 1, "0-1"])).toEqual([0, 1, 7, 8]);
  expect(nodes("all")).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const refused = [-1, 1.5, "4-2", "a", [], "0-5-7", "0 - 5", null, { from: 1 }];
  expect(refused.filter((value) => nodeSet().safeParse(value).success)).toEqual([]);
});

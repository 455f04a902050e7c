import { expect, test } from "vitest";
import { keyedUniform, murmur3, Prng, streamSeed } from "./prng.ts";

/** Pearson's statistic of counts that should be equal. Its mean is `counts.length - 1`, its variance twice that. */
function chiSquare(counts: readonly number[]): number {
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
}

/** Whether equal counts are believable: within five standard deviations of the statistic, on both sides. */
function isEven(counts: readonly number[]): boolean {
  const freedom = counts.length - 1;
  return Math.abs(chiSquare(counts) - freedom) < 5 * Math.sqrt(2 * freedom);
}

function countsOf(binCount: number, draws: Iterable<number>): number[] {
  const counts = new Array<number>(binCount).fill(0);
  for (const draw of draws) {
    const bin = Math.floor(draw * binCount);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}

/** Square cells of neighbouring draws: uneven if one draw tells something about the next. */
function pairCounts(draws: readonly number[]): number[] {
  const pairs = draws.slice(1).map((draw, index) => Math.floor((draws[index] ?? 0) * 16) / 16 + draw / 16);
  return countsOf(256, pairs);
}

const from = (count: number, draw: (index: number) => number) =>
  Array.from({ length: count }, (_, index) => draw(index));

test("the frozen draws of a seed have not moved, so that seeds in papers keep their meaning", () => {
  const prng = new Prng("42", "load");
  expect([prng.uniform(), prng.uniform(), prng.exponential(10), prng.integer(1000)]).toEqual(FROZEN.draws);
  expect(prng.stream("arrivals").uniform()).toBe(FROZEN.stream);
  expect([streamSeed("42", "link 3>7 latency"), streamSeed("", "")]).toEqual(FROZEN.seeds);
  expect([keyedUniform(1, 2, 3), keyedUniform(0, 0, 0)]).toEqual(FROZEN.keyed);
});

test("a stream depends on the seed and the names, not on what was drawn before", () => {
  const fresh = new Prng("1").stream("a").stream("b");
  const parent = new Prng("1").stream("a");
  for (let draw = 0; draw < 100; draw++) parent.uniform();
  expect(parent.stream("b").uniform()).toBe(fresh.uniform());
});

test("the border between seed and name counts", () => {
  expect(streamSeed("1", "2")).not.toBe(streamSeed("12", ""));
  expect(new Prng("1/a").stream("b").uniform()).not.toBe(new Prng("1").stream("a").stream("b").uniform());
});

test("draws of one stream fill 256 bins and 256 pairs of neighbours evenly", () => {
  const prng = new Prng("7");
  const draws = from(200_000, () => prng.uniform());
  expect(draws.every((draw) => draw >= 0 && draw < 1)).toBe(true);
  expect(isEven(countsOf(256, draws))).toBe(true);
  expect(isEven(pairCounts(draws))).toBe(true);
});

test("first draws of 50,000 numbered streams are distinct, even, and not correlated with their neighbours", () => {
  const draws = from(50_000, (index) => new Prng("1").stream(`node-${index}`).uniform());
  expect(new Set(draws).size).toBe(50_000);
  expect(isEven(countsOf(256, draws))).toBe(true);
  expect(isEven(pairCounts(draws))).toBe(true);
});

test("the canary: a generator that counts up, and one that repeats itself, are found out", () => {
  expect(isEven(pairCounts(from(200_000, (index) => (index * 0.001) % 1)))).toBe(false);
  expect(
    isEven(
      countsOf(
        256,
        from(200_000, () => 0.5),
      ),
    ),
  ).toBe(false);
});

test("integers below a bound are even also where the bound does not divide 2^32", () => {
  const prng = new Prng("9");
  const counts = new Array<number>(7).fill(0);
  for (let draw = 0; draw < 70_000; draw++) {
    const value = prng.integer(7);
    counts[value] = (counts[value] ?? 0) + 1;
  }
  expect(counts).toHaveLength(7);
  expect(isEven(counts)).toBe(true);
  // Three quarters of 2^32: without drawing again the lowest third would be twice as likely.
  const large = from(60_000, () => prng.integer(0xc0000000) / 0xc0000000);
  expect(isEven(countsOf(3, large))).toBe(true);
  expect(prng.integer(1)).toBe(0);
  expect(() => prng.integer(0)).toThrow("an integer below 0");
});

test("every order of a shuffle is as likely", () => {
  const prng = new Prng("3");
  const orders = new Map<string, number>();
  for (let round = 0; round < 24_000; round++) {
    const order = prng.shuffle([0, 1, 2, 3]).join("");
    orders.set(order, (orders.get(order) ?? 0) + 1);
  }
  expect(orders.size).toBe(24);
  expect(isEven([...orders.values()])).toBe(true);
});

test("exponential draws have the mean and the tail of the distribution", () => {
  const prng = new Prng("5");
  const draws = from(100_000, () => prng.exponential(20));
  const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
  // Standard error 20 / sqrt(100,000) = 0.063.
  expect(Math.abs(mean - 20)).toBeLessThan(0.3);
  const beyond = draws.filter((draw) => draw > 60).length / draws.length;
  expect(Math.abs(beyond - Math.exp(-3))).toBeLessThan(0.004);
});

test("the keyed hash is MurmurHash3 of eight bytes, by a reference that reproduces its published values", () => {
  const bytesOf = (text: string) => [...new TextEncoder().encode(text)];
  expect(murmur3Reference([], 1)).toBe(0x514e28b7);
  expect(murmur3Reference([0x21, 0x43, 0x65, 0x87], 0)).toBe(0xf55b516b);
  expect(murmur3Reference(bytesOf("aaaa"), 0x9747b28c)).toBe(0x5a97808a);
  expect(murmur3Reference(bytesOf("abcdabcd"), 0)).toBe(murmur3(0, 0x64636261, 0x64636261));
  const prng = new Prng("murmur");
  for (let round = 0; round < 1000; round++) {
    const [seed, first, second] = [prng.integer(2 ** 32), prng.integer(2 ** 32), prng.integer(2 ** 32)];
    const bytes = [first, second].flatMap((word) => [0, 8, 16, 24].map((shift) => (word >>> shift) & 0xff));
    expect(murmur3(seed, first, second)).toBe(murmur3Reference(bytes, seed));
  }
});

test("keyed draws lie strictly between 0 and 1, whatever the hash", () => {
  const draws = from(100_000, (key) => keyedUniform(key, key, 0));
  expect(Math.min(...draws.slice(0, 50_000))).toBeGreaterThan(0);
  expect((0xffffffff + 0.5) / 2 ** 32).toBeLessThan(1);
});

test("keyed draws are even over neighbouring keys, over salts, and over numbered streams", () => {
  const seed = streamSeed("1", "link 0>1 latency");
  const byKey = from(200_000, (key) => keyedUniform(seed, key, 0));
  const bySalt = from(200_000, (salt) => keyedUniform(seed, 17, salt));
  const byStream = from(200_000, (link) => keyedUniform(streamSeed("1", `link ${link}>${link + 1}`), 17, 0));
  for (const draws of [byKey, bySalt, byStream]) {
    expect(isEven(countsOf(256, draws))).toBe(true);
    expect(isEven(pairCounts(draws))).toBe(true);
  }
  // Delay and loss of one message, and one message on two links.
  const mixed = byKey.flatMap((draw, key) => [draw, keyedUniform(seed, key, 1)]);
  expect(isEven(pairCounts(mixed))).toBe(true);
});

test("stream seeds of 200,000 links collide no more often than random numbers of 32 bits do", () => {
  const seeds = from(200_000, (link) => streamSeed("42", `link ${link}>${link + 1} latency`));
  // 200,000^2 / 2^33 = 4.7 pairs expected, a Poisson count: 16 or more have a chance below 10^-4.
  expect(seeds.length - new Set(seeds).size).toBeLessThan(16);
});

/** MurmurHash3_x86_32 as its author describes it, byte by byte and in big integers: slow, and shares no line with ours. */
function murmur3Reference(bytes: readonly number[], seed: number): number {
  const word = (value: bigint) => BigInt.asUintN(32, value);
  const rotate = (value: bigint, by: bigint) => word((value << by) | (value >> (32n - by)));
  const scramble = (value: bigint) => word(rotate(word(value * 0xcc9e2d51n), 15n) * 0x1b873593n);
  let hash = BigInt(seed);
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    const block = bytes.slice(at, at + 4).reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
    hash = word(rotate(hash ^ scramble(block), 13n) * 5n + 0xe6546b64n);
  }
  hash ^= BigInt(bytes.length);
  hash = word((hash ^ (hash >> 16n)) * 0x85ebca6bn);
  hash = word((hash ^ (hash >> 13n)) * 0xc2b2ae35n);
  return Number(hash ^ (hash >> 16n));
}

const FROZEN = {
  draws: [0.20854475814037376, 0.7655268326997401, 1.022812806914636, 613],
  stream: 0.7397623496005453,
  seeds: [444711918, 2451958759],
  keyed: [0.6800233925459906, 0.3887507311301306],
};

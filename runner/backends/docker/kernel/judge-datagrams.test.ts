import { expect, test } from "vitest";
import { Prng } from "../../../../node/core/support/prng.ts";
import {
  chanceOfAtMost,
  judgeLossCounts,
  judgeRates,
  type LossCount,
  type RateMeasure,
} from "./judge-datagrams.ts";

/** What six links lose of 300 datagrams each that are lost at this ratio, where another was asked. */
function countsOf(asked: number, inForce: number, seed: string): LossCount[] {
  const prng = new Prng(seed);
  return Array.from({ length: 6 }, (_, i) => {
    const lostCount = Array.from({ length: 300 }, () => prng.uniform() < inForce).filter(Boolean).length;
    return { link: `node-${i}>node-0`, askedRatio: asked, sentCount: 300, lostCount };
  });
}

test.each([0, 0.001, 0.01, 0.1, 0.5, 0.9])(
  "a loss of %s is believed, whatever chance does with it",
  (ratio) => {
    const wrong = Array.from({ length: 200 }, (_, i) => judgeLossCounts(countsOf(ratio, ratio, `${i}`)));
    expect(wrong.filter(({ probed }) => probed === false)).toEqual([]);
  },
);

test.each([
  [0.01, 0],
  [0, 0.02],
  [0.01, 0.05],
  [0.1, 0.05],
  [0.5, 0.6],
  [0.2, 1],
])("a loss of %s is not taken for one of %s", (asked, inForce) => {
  for (let i = 0; i < 50; i += 1)
    expect(judgeLossCounts(countsOf(asked, inForce, `${i}`)).probed).toBe(false);
});

test("one link of six that loses nothing is found and named", () => {
  const [first, ...rest] = countsOf(0.2, 0.2, "one");
  const forgotten = { ...(first as LossCount), lostCount: 0 };
  const { probed, evidence } = judgeLossCounts([forgotten, ...rest]);
  expect(probed).toBe(false);
  expect(evidence).toMatch(/^\d+ of 1800 datagrams lost on 6 links, 360\.0 due: node-0>node-0 0 %$/);
});

test("a loss that so few datagrams cannot tell from none is not said to be seen", () => {
  expect(judgeLossCounts(countsOf(0.001, 0.001, "rare")).probed).toBeNull();
  expect(judgeLossCounts([])).toMatchObject({ probed: null });
});

test("the chance of at most so many is that of counting all outcomes", () => {
  const chance = 0.3;
  const hitsOf = (outcome: number) => outcome.toString(2).replaceAll("0", "").length;
  for (let count = 0; count <= 10; count += 1) {
    const outcomes = Array.from({ length: 2 ** 10 }, (_, outcome) => hitsOf(outcome)).filter(
      (hits) => hits <= count,
    );
    const counted = outcomes.reduce((sum, hits) => sum + chance ** hits * (1 - chance) ** (10 - hits), 0);
    expect(chanceOfAtMost(count, 10, chance)).toBeCloseTo(counted, 10);
  }
  expect(chanceOfAtMost(0, 1_800, 0.5)).toBeCloseTo(0, 10);
  expect(chanceOfAtMost(3, 10, 0)).toBe(1);
  expect(chanceOfAtMost(3, 10, 1)).toBe(0);
});

/** What an uplink of this rate makes of datagrams that were meant to take another 300 ms. */
function measured(asked: number | null, inForce: number | null, machineMs = 0, node = "node-0"): RateMeasure {
  const bytes = asked === null ? 280_000 : Math.min(3_600_000, (asked * 0.3) / 8);
  const linkMs = inForce === null ? 0 : (bytes * 8_000) / inForce;
  return { node, askedBitsPerSec: asked, bytes, spacingMs: linkMs + machineMs };
}

test("a rate is believed that is the one asked, to a tenth and some milliseconds, and no other", () => {
  for (const asked of [10_000, 1e6, 20e6, 96e6]) {
    expect(judgeRates([measured(asked, asked, 20)]).probed).toBe(true);
    for (const share of [0.5, 0.8, 1.25, 2])
      expect(judgeRates([measured(asked, share * asked)]).probed, `${share} of ${asked}`).toBe(false);
    expect(judgeRates([measured(asked, null, 5)]).probed).toBe(false);
    expect(judgeRates([measured(null, asked)]).probed).toBe(asked > 45e6);
  }
  expect(judgeRates([measured(null, null, 12)])).toEqual({
    probed: true,
    evidence: "datagrams from 1 node came unpaced, no limit asked",
  });
});

test("other messages on the uplink spoil single measures, and no limit spoils all", () => {
  const spoilt = measured(1e6, 0.6e6);
  expect(judgeRates([spoilt, measured(1e6, 0.98e6), spoilt])).toEqual({
    probed: true,
    evidence: "datagrams from 1 node came at 980 kbit/s, 1 Mbit/s asked",
  });
  const others = [0.97e6, 1.02e6, 1e6].map((rate, i) => measured(1e6, rate, 0, `node-${i}`));
  expect(judgeRates(others).evidence).toBe(
    "datagrams from 3 nodes came at 970 kbit/s to 1.02 Mbit/s, 1 Mbit/s asked",
  );
  expect(judgeRates([measured(1e6, 1e6), measured(1e6, null, 2, "node-1")])).toMatchObject({
    probed: false,
    evidence: expect.stringContaining("asked 1 Mbit/s, measured: node-1"),
  });
});

test("a rate above what a node can send datagrams at is not said to be seen, but too fast is too fast", () => {
  expect(judgeRates([measured(2e9, 0.5e9)]).probed).toBeNull();
  expect(judgeRates([measured(0.5e9, null)]).probed).toBe(false);
  expect(judgeRates([])).toMatchObject({ probed: null });
});

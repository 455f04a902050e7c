import { expect, test } from "vitest";
import { Prng } from "../../node/core/support/prng.ts";
import { judgeLoss as judge, type LossMeasure } from "./judge-loss.ts";

const judgeLoss = (measures: readonly LossMeasure[], linkCount = 1) => judge(measures, linkCount);

/** A message that is lost above `lostAboveRatio`, on a link that loses `inForce`: 200 ms later for one loss, 600 for two. */
function measured(asked: number, inForce: number, lostAboveRatio: number, machineMs = 1): LossMeasure {
  const lateMs = lostAboveRatio >= inForce ? 0 : lostAboveRatio >= inForce ** 2 ? 200 : 600;
  return { link: "a>b", askedRatio: asked, lostAboveRatio, lateMs: lateMs + machineMs };
}

/** One message each side of the ratio asked for. */
function bothSides(asked: number, inForce: number, machineMs = 1): LossMeasure[] {
  const below = asked === 0 ? [] : [measured(asked, inForce, asked * 0.99, machineMs)];
  return [...below, measured(asked, inForce, asked + 0.0001, machineMs)];
}

const RATIOS = [0, 0.0005, 0.01, 0.1, 0.5, 0.95];

test("the ratio that was asked is believed, any other is not, whatever a machine adds up to 190 ms", () => {
  const prng = new Prng("loss");
  for (const asked of RATIOS)
    for (const inForce of RATIOS)
      for (let round = 0; round < 20; round += 1)
        expect(judgeLoss(bothSides(asked, inForce, 190 * prng.uniform())).probed).toBe(asked === inForce);
});

test("one link of many that was not told is found and named, whichever way it errs", () => {
  const others = Array.from({ length: 11 }, (_, i) =>
    bothSides(0.1, 0.1).map((each) => ({ ...each, link: `link-${i}` })),
  ).flat();
  expect(judgeLoss(others).probed).toBe(true);
  expect(judgeLoss([...others, ...bothSides(0.1, 0)])).toEqual({
    probed: false,
    evidence: "loses too little: a>b",
  });
  expect(judgeLoss([...others, ...bothSides(0.1, 0.2)])).toEqual({
    probed: false,
    evidence: "loses too much: a>b",
  });
});

test("a message that a machine made late is forgiven if another came in time; one that came too early never is", () => {
  const late = measured(0.1, 0.1, 0.11, 250);
  const lost = measured(0.1, 0.1, 0.099);
  expect(judgeLoss([lost, late]).probed).toBe(false);
  expect(judgeLoss([lost, late, measured(0.1, 0.1, 0.12)]).probed).toBe(true);
  expect(judgeLoss([lost, { ...lost, lateMs: 150 }, measured(0.1, 0.1, 0.12)]).probed).toBe(false);
});

test("what was seen of one side only tells nothing, but that of loss 0 all", () => {
  const [lost, kept] = bothSides(0.1, 0.1) as [LossMeasure, LossMeasure];
  expect(judgeLoss([lost]).probed).toBeNull();
  expect(judgeLoss([kept])).toEqual({
    probed: null,
    evidence: "too few messages measured to tell a loss of 10 %",
  });
  expect(judgeLoss([])).toMatchObject({ probed: null });
  expect(judgeLoss(bothSides(0, 0)).evidence).toBe(
    "on 1 link a message that a loss of 0.01 % would hit came at most 1.0 ms late",
  );
});

test("the evidence tells what was seen, and what it cost", () => {
  expect(judgeLoss(bothSides(0.1, 0.1)).evidence).toBe(
    "on 1 link a message that a loss of 10 % only just hits came 201.0 to 201.0 ms late, " +
      "one that it only just misses at most 1.0 ms; each that was lost held its link up for 200 ms",
  );
  expect(judgeLoss(bothSides(0, 0), 3).evidence).toContain("on 1 of 3 links a message");
});

import { expect, test } from "vitest";
import { Prng } from "../../node/core/support/prng.ts";
import { shareDone } from "../analysis/survival.ts";
import { compareRuns, FALSE_ALARM_RATIO, overall } from "./compare-runs.ts";
import type { RunSample } from "./run-sample.ts";

/** A run whose blocks are few and whose deliveries share their block's fortune, as those of a real one do. */
function aRun(prng: Prng, meanMs = 100): RunSample {
  const times = (count: number) =>
    shareDone(
      Array.from({ length: count }, () => prng.exponential(meanMs)).flatMap((common) =>
        Array.from({ length: 5 }, () => ({ afterUs: common + prng.exponential(meanMs), happened: true })),
      ),
    );
  const ratio = () => Array.from({ length: 40 }, () => prng.uniform()).filter((u) => u < 0.2).length / 40;
  return { forkRatio: ratio(), staleRatio: ratio(), propagation: times(40), confirmation: times(12) };
}

const manyRuns = (prng: Prng, count: number, meanMs?: number) =>
  Array.from({ length: count }, () => aRun(prng, meanMs));

test("runs that differ by chance alone are called different about as seldom as promised", () => {
  const prng = new Prng("false alarms");
  const trials = 150;
  let alarms = 0;
  for (let trial = 0; trial < trials; trial++) {
    const [a, b, ...rehearsed] = manyRuns(prng, 32);
    if (a === undefined || b === undefined) throw new Error("32 runs");
    if (overall(compareRuns(a, b, rehearsed)) === "differ") alarms++;
  }
  // The limit is an estimate itself; three standard errors of the trials are given to it.
  const error = Math.sqrt((FALSE_ALARM_RATIO * (1 - FALSE_ALARM_RATIO)) / trials);
  expect(alarms / trials).toBeLessThan(FALSE_ALARM_RATIO + 3 * error);
});

test("a run that is half as slow again is found", () => {
  const prng = new Prng("a difference");
  const rehearsed = manyRuns(prng, 40);
  const compared = compareRuns(aRun(prng), aRun(prng, 200), rehearsed);
  expect(compared.find(({ measure }) => measure.name === "propagation")?.agreement).toBe("differ");
  expect(overall(compared)).toBe("differ");
});

test("a measure that a run does not have is unknown, and decides nothing", () => {
  const prng = new Prng("no transactions");
  const without = (run: RunSample) => ({ ...run, confirmation: shareDone([]) });
  const rehearsed = manyRuns(prng, 40).map(without);
  const run = without(aRun(prng));
  const compared = compareRuns(run, run, rehearsed);
  expect(compared.map(({ agreement }) => agreement)).toEqual(["agree", "agree", "agree", "unknown"]);
  expect(overall(compared)).toBe("agree");
});

test("too few rehearsed runs leave everything unknown", () => {
  const prng = new Prng("few");
  expect(overall(compareRuns(aRun(prng), aRun(prng), manyRuns(prng, 3)))).toBe("unknown");
});

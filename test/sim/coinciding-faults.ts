import { Prng } from "../../node/core/support/prng.ts";
import { traceOf } from "./compare-announcements.ts";
import { FaultDraws } from "./random-faults.ts";
import { between, pick } from "./random-picks.ts";
import type { RandomScenario, Step } from "./random-scenario.ts";
import type { World } from "./world.ts";

/** Around a moment at which something happened. */
const OFFSETS_US = [0, 0, 0, -1, 1, 1_000, 10_000];

/**
 * Steps for a scenario whose faults fall on the very microseconds at which something happens: each is put at a moment of
 * the run with the faults before it.
 */
export function withCoincidingFaults(scenario: RandomScenario, onStart?: (world: World) => void): Step[] {
  const prng = new Prng(String(scenario.seed), "coinciding");
  const draws = new FaultDraws(prng, scenario.network);
  const load = scenario.steps.filter((step) => "submission" in step);
  const faults: Step[] = [];
  let steps: Step[] = load;
  for (let count = between(prng, 1, 6); count > 0; count--) {
    const lastUs = faults.at(-1)?.atUs ?? 0;
    const timesUs = traceOf(scenario, steps, true, onStart).timesUs.filter((atUs) => atUs >= lastUs);
    // The first half, so that there is something left to go wrong.
    const eventUs = pick(
      prng,
      timesUs.length === 0 ? [lastUs] : timesUs.slice(0, Math.ceil(timesUs.length / 2)),
    );
    faults.push({ atUs: Math.max(lastUs, eventUs + pick(prng, OFFSETS_US)), fault: draws.next() });
    steps = [...load, ...faults].sort((a, b) => a.atUs - b.atUs);
  }
  return steps;
}

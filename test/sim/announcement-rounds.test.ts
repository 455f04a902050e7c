import { describe, expect, test } from "vitest";
import { withCoincidingFaults } from "./coinciding-faults.ts";
import { compareAnnouncements, firstDifference, traceOf } from "./compare-announcements.ts";
import { drawScenario } from "./random-scenario.ts";
import type { World } from "./world.ts";

const SEED_COUNT = 100;
/** Each takes several runs, to find the moments at which something happens. */
const COINCIDING_COUNT = 40;

function seeds(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

describe("leaving out the events of announcements changes nothing that can be seen", () => {
  test(`under the faults and load of ${SEED_COUNT} random scenarios`, () => {
    const differences = seeds(SEED_COUNT).flatMap((seed) => {
      const scenario = drawScenario(seed);
      const difference = compareAnnouncements(scenario, scenario.steps);
      return difference === null ? [] : [`seed ${seed}: ${difference}`];
    });
    expect(differences).toEqual([]);
  });

  test("when faults fall on the very microseconds at which something happens", () => {
    const differences = seeds(COINCIDING_COUNT).flatMap((seed) => {
      const scenario = drawScenario(seed);
      const difference = compareAnnouncements(scenario, withCoincidingFaults(scenario));
      return difference === null ? [] : [`seed ${seed}: ${difference}`];
    });
    expect(differences).toEqual([]);
  });

  test("when nodes end links in the middle of a wave", () => {
    const differences = seeds(SEED_COUNT).flatMap((seed) => {
      const scenario = drawScenario(seed);
      const asEvents = traceOf(scenario, scenario.steps, true, endLinksNowAndThen);
      const difference = firstDifference(
        asEvents,
        traceOf(scenario, scenario.steps, false, endLinksNowAndThen),
      );
      return difference === null ? [] : [`seed ${seed}: ${difference}`];
    });
    expect(differences).toEqual([]);
  });
});

describe("the comparison finds planted mistakes", () => {
  test("an announcement of a block that was asked for is forgotten", () => {
    expect(seeds(SEED_COUNT).some((seed) => differsWith(seed, forgetNotes))).toBe(true);
  });

  test("notes are handed over after the event that they came before", () => {
    expect(seeds(SEED_COUNT).some((seed) => differsWith(seed, deliverLate))).toBe(true);
  });
});

function differsWith(seed: number, plant: (world: World) => void): boolean {
  const scenario = drawScenario(seed);
  const { steps } = scenario;
  return firstDifference(traceOf(scenario, steps, true), traceOf(scenario, steps, false, plant)) !== null;
}

function forgetNotes({ simulation }: World): void {
  roundsOf(simulation).deliverBefore = () => undefined;
}

function deliverLate({ simulation }: World): void {
  const rounds = roundsOf(simulation);
  const deliverBefore = rounds.deliverBefore.bind(rounds);
  rounds.deliverBefore = (receiver, atUs, sequence) => deliverBefore(receiver, atUs - 1, sequence);
}

function roundsOf(simulation: World["simulation"]) {
  const { rounds } = simulation.transport;
  if (rounds === null) throw new Error("the simulation has no rounds");
  return rounds;
}

/** What follows from a message alone, so that both runs do it at the same moment. */
function endLinksNowAndThen({ simulation }: World): void {
  const { transport, links } = simulation;
  const send = transport.send.bind(transport);
  transport.send = (view, link, message) => {
    send(view, link, message);
    const isChosen = message.kind === "request" && message.drawKey % 13 === 0;
    if (isChosen) transport.disconnect(view, message.drawKey % links.linkCount(view), "bad-version");
  };
}

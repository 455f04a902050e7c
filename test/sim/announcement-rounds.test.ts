import { describe, expect, test } from "vitest";
import { Prng } from "../../node/core/support/prng.ts";
import type { LatencyModel } from "../../node/link/latency.ts";
import { withCoincidingFaults } from "./coinciding-faults.ts";
import { compareAnnouncements, firstDifference, traceOf } from "./compare-announcements.ts";
import { chance, pick } from "./random-picks.ts";
import { drawScenario, type RandomScenario } from "./random-scenario.ts";
import type { World } from "./world.ts";

const SEED_COUNT = 60;
/** Each takes several runs, to find the moments at which something happens. */
const COINCIDING_COUNT = 25;
/** Nodes with more links than one word of bits holds. */
const LARGE_COUNT = 6;
const LARGE_NODE_COUNT = 36;
const SLOWED_COUNT = 15;
/** In which a block is given up while another announcement of it is under way: one of 750 slowed scenarios. */
const GIVEN_UP_SEED = 859;
/** In which an announcement that makes no event is nearly overtaken: one of 400 scenarios. */
const OVERTAKEN_SEED = 140;
/**
 * Once told the two ways apart: an announcement that arrives without delay was learned before events of the same microsecond that
 * stand before it.
 */
const ONCE_DIFFERENT = [364, 430, 544, 695, 800];

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

  test("in scenarios that found a difference once", () => {
    const differences = ONCE_DIFFERENT.map((seed) => {
      const scenario = drawScenario(seed);
      return compareAnnouncements(scenario, scenario.steps);
    });
    expect(differences).toEqual(ONCE_DIFFERENT.map(() => null));
  });

  test(`in networks of ${LARGE_NODE_COUNT} nodes, whose links need more than one word`, () => {
    const differences = seeds(LARGE_COUNT).flatMap((seed) => {
      const scenario = drawScenario(seed, LARGE_NODE_COUNT);
      const difference = compareAnnouncements(scenario, scenario.steps);
      return difference === null ? [] : [`seed ${seed}: ${difference}`];
    });
    expect(differences).toEqual([]);
  });

  test("when requests run out of time while announcements are under way", () => {
    const differences = [...seeds(SLOWED_COUNT), GIVEN_UP_SEED].flatMap((seed) => {
      const scenario = slowed(drawScenario(seed));
      const difference = compareAnnouncements(scenario, scenario.steps);
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

  test("notes on a block that was given up stay notes", () => {
    const scenario = slowed(drawScenario(GIVEN_UP_SEED));
    const asEvents = traceOf(scenario, scenario.steps, true);
    expect(firstDifference(asEvents, traceOf(scenario, scenario.steps, false, neverReview))).not.toBeNull();
  });

  test("a message overtakes an announcement that made no event", () => {
    expect(differsWith(OVERTAKEN_SEED, letOvertake)).toBe(true);
  });
});

/** Up to more than eight requests of one body take to run out of time, there and back. */
const SLOW_DELAYS_US = [1_000_000, 8_000_000, 20_000_000, 45_000_000, 60_000_000, 90_000_000];

/** The same scenario at a planetary pace: delays near the timeout of a request, and blocks as much slower. */
function slowed(scenario: RandomScenario): RandomScenario {
  const { network, seed } = scenario;
  const prng = new Prng(String(seed), "slowed");
  const edges = network.edges.map((edge) => {
    const delayUs = pick(prng, SLOW_DELAYS_US);
    const latency: LatencyModel = chance(prng, 0.5)
      ? { kind: "constant", delayUs }
      : { kind: "uniform", minUs: 0, maxUs: 2 * delayUs };
    return { ...edge, latency };
  });
  const factor = 20_000_000 / scenario.blockIntervalUs;
  const nodes = network.nodes.map((node) => ({ ...node, hashesPerSec: node.hashesPerSec / factor }));
  const steps = scenario.steps.map((step) => ({ ...step, atUs: step.atUs * factor }));
  const durationUs = scenario.durationUs * factor;
  return {
    ...scenario,
    network: { ...network, nodes, edges },
    steps,
    durationUs,
    blockIntervalUs: 20_000_000,
  };
}

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

function neverReview({ simulation }: World): void {
  roundsOf(simulation).review = () => undefined;
}

function letOvertake({ simulation }: World): void {
  roundsOf(simulation).isUnheard = () => false;
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

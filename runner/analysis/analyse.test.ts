import fc from "fast-check";
import { expect, test } from "vitest";
import { aJournal, aPlan } from "../record/a-journal.ts";
import type { RunEvent } from "../record/run-event.ts";
import { aRandomNetwork } from "./a-random-network.ts";
import { analyse } from "./analyse.ts";

test("the stale rate of a clique is the closed form of Decker and Wattenhofer", () => {
  // Shares 1..10, delay D, interval T: 1 - exp(-(1 - sum s^2) D / T), since a miner does not fork with itself.
  const powers = Array.from({ length: 10 }, (_, i) => i + 1);
  const plan = aPlan({ confirmations: 6, durationUs: Number.MAX_SAFE_INTEGER }, powers.length);
  const others = 1 - powers.reduce((sum, power) => sum + (power / 55) ** 2, 0);
  for (const [delayUs, intervalUs] of [
    [1_000_000, 60_000_000],
    [1_000_000, 20_000_000],
  ] as const) {
    const run = aRandomNetwork({ powers, intervalUs, delayUs, blockCount: 12_000, seed: 7 });
    const { stale } = analyse(plan, run).forks;
    const expected = 1 - Math.exp((-others * delayUs) / intervalUs);
    const error = Math.sqrt((expected * (1 - expected)) / stale.trials);
    expect(Math.abs((stale.ratio ?? 0) - expected)).toBeLessThan(4 * error);
  }
});

const network = fc.record({
  powers: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 }),
  intervalUs: fc.integer({ min: 10, max: 1_000 }),
  delayUs: fc.integer({ min: 1, max: 1_000 }),
  blockCount: fc.integer({ min: 0, max: 30 }),
  seed: fc.nat(),
});

/** The tips of all nodes at the end of this microsecond, from the journal's start each time. */
function naiveTips(events: readonly RunEvent[], nodeCount: number, atUs: number): (string | null)[] {
  return Array.from({ length: nodeCount }, (_, node) => {
    const own = events.filter(
      (event) => event.type === "tip-changed" && event.node === node && event.atUs <= atUs,
    );
    const last = own.at(-1);
    return last?.type === "tip-changed" ? last.hash : null;
  });
}

test("agreement is what looking at every node after every microsecond finds", () => {
  fc.assert(
    fc.property(network, fc.nat(3_000), (shape, sinceUs) => {
      const run = aRandomNetwork(shape);
      const events = [...run];
      const nodeCount = shape.powers.length;
      const timeline = [
        { index: 0, atUs: sinceUs, description: "heal: all", fault: { word: "heal", links: null } },
      ] as const;
      const plan = aPlan({ durationUs: 1_000_000, timeline }, nodeCount);
      const fault = aJournal()
        .fault(sinceUs / 1_000, "heal")
        .build();
      const analysis = analyse(plan, [...events, ...fault]);
      const agrees = (atUs: number) => new Set(naiveTips(events, nodeCount, atUs)).size === 1;
      const instants = [sinceUs, ...events.map((event) => event.atUs).filter((atUs) => atUs > sinceUs)];
      const first = instants.find(agrees);
      expect(analysis.recoveries[0]?.agreedAfterUs).toBe(first === undefined ? null : first - sinceUs);
      for (const point of analysis.agreement.series)
        expect(point.distinctTips).toBe(new Set(naiveTips(events, nodeCount, point.atUs)).size);
    }),
    { numRuns: 50 },
  );
});

test("propagation is what a search for each pair of block and node finds", () => {
  fc.assert(
    fc.property(network, fc.nat(2_000), (shape, cutUs) => {
      // Cut short, so that some blocks never arrive.
      const events = [...aRandomNetwork(shape)].filter((event) => event.atUs <= cutUs);
      const nodeCount = shape.powers.length;
      const { propagation, tree } = analyse(aPlan({}, nodeCount), events);
      let missing = 0;
      let delivered = 0;
      for (const block of tree.blocks) {
        const reached = [0];
        for (let node = 0; node < nodeCount; node++) {
          if (node === block.miner) continue;
          const arrival = events.find(
            (event) => event.type === "block-received" && event.node === node && event.hash === block.hash,
          );
          expect(propagation.arrivalUs(block, node)).toBe(arrival ? arrival.atUs - block.minedAtUs : null);
          if (arrival === undefined) missing++;
          else {
            delivered++;
            reached.push(arrival.atUs - block.minedAtUs);
          }
        }
        reached.sort((a, b) => a - b);
        expect(propagation.reachUs(block, 90)).toBe(reached[Math.ceil(nodeCount * 0.9) - 1] ?? null);
      }
      expect([propagation.deliveredCount, propagation.censoredCount]).toEqual([delivered, missing]);
    }),
    { numRuns: 50 },
  );
});

test("with one fixed delay all quantiles of propagation are that delay", () => {
  const run = aRandomNetwork({ powers: [1, 1, 1], intervalUs: 9_000, delayUs: 777, blockCount: 50, seed: 3 });
  expect(analyse(aPlan({}, 3), run).propagation.delayUs).toEqual({ p50: 777, p90: 777, p99: 777 });
});

test("a block that comes a second time, after a crash, does not count again", () => {
  const run = aJournal()
    .mine(0, 10, "a")
    .adopt(1, 15, "a")
    .change(1, 20, "crashed")
    .change(1, 30, "started")
    .receive(1, 90, "a");
  const { delayUs, deliveredCount } = analyse(aPlan(), run.build()).propagation;
  expect([delayUs.p99, deliveredCount]).toEqual([5_000, 1]);
});

test("nothing measured is absent everywhere, never 0", () => {
  const { forks, propagation, transactions, intervals, hashRates, reorganisations, faultLatenessUsMax } =
    analyse(aPlan(), []);
  expect(forks.stale.ratio).toBeNull();
  expect(forks.forked.ratio).toBeNull();
  expect(propagation.delayUs.p50).toBeNull();
  expect(transactions.confirmationUs.p50).toBeNull();
  expect(intervals.meanUs).toBeNull();
  expect(hashRates.total.achieved).toBeNull();
  expect(reorganisations.depthMax).toBeNull();
  expect(faultLatenessUsMax).toBeNull();
});

test("the depth of a reorganisation is the blocks that left, by node", () => {
  const run = aJournal()
    .mine(0, 10, "a")
    .mine(0, 20, "b", "a")
    .mine(1, 11, "x")
    .mine(1, 21, "y", "x")
    .mine(1, 31, "z", "y");
  const { reorganisations } = analyse(aPlan(), run.adopt(0, 40, "z").build());
  expect(reorganisations.depthMax).toBe(2);
  expect(reorganisations.perNode).toEqual([
    { count: 1, depthMax: 2 },
    { count: 0, depthMax: 0 },
  ]);
});

test("a node that is down is not waited for, and one that starts later not before it starts", () => {
  const run = aJournal().mine(0, 10, "a").change(1, 5, "crashed").change(2, 50, "started").build();
  const { agreement, lastAgreedUs } = analyse(aPlan({}, 3), run);
  expect(
    agreement.series.map(({ atUs, distinctTips, runningCount }) => [atUs, distinctTips, runningCount]),
  ).toEqual([
    [0, 1, 2],
    [5_000, 1, 1],
    [10_000, 1, 1],
    [50_000, 2, 2],
  ]);
  expect(lastAgreedUs).toBe(50_000);
});

test("a heal that leaves links cut is told apart from one that leaves none", () => {
  const timeline = [
    {
      index: 0,
      atUs: 1_000,
      description: "cut",
      fault: {
        word: "partition",
        cut: [
          [0, 1],
          [1, 0],
        ],
      },
    },
    { index: 1, atUs: 2_000, description: "half", fault: { word: "heal", links: [[0, 1]] } },
    { index: 2, atUs: 3_000, description: "all", fault: { word: "heal", links: null } },
  ] as const;
  const run = aJournal()
    .fault(1, "partition")
    .fault(2, "heal", { fault: 1 })
    .fault(3, "heal", { fault: 2 })
    .build();
  const { recoveries } = analyse(aPlan({ timeline }), run);
  expect(recoveries.map(({ cutLinkCount, watchedUs }) => [cutLinkCount, watchedUs])).toEqual([
    [1, 1_000],
    [0, 9_997_000],
  ]);
});

test("hash rates are weighted by the time between samples", () => {
  const run = aJournal()
    .sample(0, 1_000, { hashesPerSecAsked: 100, hashesPerSecAchieved: 100 })
    .sample(0, 4_000, { hashesPerSecAsked: 100, hashesPerSecAchieved: 60 })
    .build();
  expect(analyse(aPlan(), run).hashRates.nodes).toEqual([
    { asked: 100, achieved: 70 },
    { asked: null, achieved: null },
  ]);
});

import { compactFromDifficulty } from "../../node/core/chain/target.ts";
import { Prng } from "../../node/core/support/prng.ts";
import { planLoad } from "../load/plan-load.ts";
import type { Expectation, PlannedChain, PlannedNode, RunPlan } from "../plan.ts";
import { buildTopology } from "../topology/build-topology.ts";
import { DEFAULT_LATENCY, toLatencyModel } from "./latency-model.ts";
import { planTimeline } from "./plan-timeline.ts";
import type { Scenario } from "./scenario.ts";

/**
 * Makes a checked scenario exact. Pure: the same scenario and seed give the same plan, and a change to the timeline leaves
 * everything else as it was. Draws from the streams "topology" and "load" of the seed.
 */
export function planRun(scenario: Scenario): RunPlan {
  const { network, transactions } = scenario;
  const prng = new Prng(scenario.seed);
  const durationUs = scenario.duration.us;
  const nodes = planNodes(scenario.nodes);
  const latency = network.latency === undefined ? DEFAULT_LATENCY : toLatencyModel(network.latency);
  const edges = buildTopology(network.topology, nodes.length, latency, prng.stream("topology"));
  const uplinkBitsPerSec = network.bandwidth?.bitsPerSec ?? null;
  const lossRatio = network.loss.ratio;
  return {
    name: scenario.name,
    seed: scenario.seed,
    durationUs,
    warmUpUs: scenario.warmUp.us,
    nodes,
    edges,
    uplinkBitsPerSec,
    lossRatio,
    blockPaddingBytes: network.blockPadding.bytes,
    enforce: network.enforce,
    chain: planChain(scenario),
    relay: network.relay,
    confirmations: transactions.confirmations,
    ...planLoad(transactions, durationUs, nodes.length, prng.stream("load")),
    timeline: planTimeline(scenario, { edges, uplinkBitsPerSec, lossRatio }),
    expectations: planExpectations(scenario.expect),
  };
}

function planNodes({ count, hashRate }: Scenario["nodes"]): PlannedNode[] {
  const rates = Array.from({ length: count }, (_, index) => {
    if (Array.isArray(hashRate)) return hashRate[index]?.hashesPerSec ?? 0;
    if ("hashesPerSec" in hashRate) return hashRate.hashesPerSec;
    const whole = hashRate.shares.reduce((sum, share) => sum + share, 0);
    return (hashRate.total.hashesPerSec * (hashRate.shares[index] ?? 0)) / whole;
  });
  return rates.map((hashesPerSec, index) => ({ index, name: `node-${index}`, hashesPerSec }));
}

/** Bitcoin's, two hours: far above what clocks on one machine differ by, so that no honest block is refused for it. */
const FUTURE_LIMIT_MS = 7_200_000;

function planChain({ name, seed, chain }: Scenario): PlannedChain {
  const { rule } = chain;
  return {
    // With the seed, so that a node left over from another run of the scenario is refused.
    name: `${name}/${seed}`,
    seal: chain.seal ?? null,
    initialCompactTarget: compactFromDifficulty(chain.difficulty),
    difficultyRule:
      rule === "fixed"
        ? { kind: "fixed" }
        : { kind: "bitcoin", periodBlocks: rule.period, blockIntervalMs: rule.blockInterval.us / 1000 },
    blockReward: chain.reward,
    blockBytesMax: chain.blockSize.bytes,
    futureLimitMs: FUTURE_LIMIT_MS,
  };
}

function planExpectations(expect: Scenario["expect"]): Expectation[] {
  return Object.entries(expect).flatMap(([name, bound]): Expectation[] => {
    if (bound === undefined) return [];
    if ("within" in bound) return [{ name: "converged", withinUs: bound.within.us }];
    return [{ name, min: bound.min ?? null, max: bound.max ?? null }];
  });
}

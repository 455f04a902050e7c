import type { BlockEntry } from "../../node/core/state/block-entry.ts";
import { Prng } from "../../node/core/support/prng.ts";
import { SimStore } from "../../runner/backends/sim/sim-store.ts";
import { checkConvergence, healEverything } from "./convergence.ts";
import type { RandomScenario } from "./random-scenario.ts";
import { Referee } from "./referee.ts";
import { World } from "./world.ts";

/** A bug that is planted to see whether the suite finds it: mutated parts, and calls at two moments. */
export interface PlantedBug {
  readonly storeOf?: (nodeCount: number) => SimStore;
  readonly onStart?: (world: World) => void;
  readonly onHealed?: (world: World) => void;
}

export interface RanScenario {
  /** Empty: nothing that must not happen happened. */
  readonly findings: readonly string[];
  readonly blockCount: number;
  readonly eventCount: number;
}

/**
 * Runs a random scenario: first its faults and load, while a referee watches; then everything is healed and the network must
 * agree. An exception of the simulated nodes is a finding like any other.
 */
export function runScenario(scenario: RandomScenario, bug: PlantedBug = {}): RanScenario {
  const referee = new Referee(scenario);
  const nodeCount = scenario.network.nodes.length;
  const store = bug.storeOf?.(nodeCount) ?? new SimStore(nodeCount);
  listenTo(store, referee);
  const world = new World(scenario, { telemetry: referee, store });
  referee.watch(world.simulation);
  checkRestarts(world, referee);
  bug.onStart?.(world);
  try {
    world.runSteps();
    healEverything(world);
    bug.onHealed?.(world);
    const findings = checkConvergence(world, new Prng(String(scenario.seed), "healed"));
    for (const node of world.nodeIndices) referee.checkNothingLost(node);
    referee.checkAllLedgers();
    return summary(world, [...referee.findings, ...findings]);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return summary(world, [
      ...referee.findings,
      `at ${world.simulation.nowUs} us: ${error.stack ?? error.message}`,
    ]);
  }
}

function summary(world: World, findings: readonly string[]): RanScenario {
  const { tree, eventCount } = world.simulation;
  return { findings, blockCount: tree.size - 1, eventCount };
}

/** The referee hears of what is stored before the store does, so a store that loses something does not go unnoticed. */
function listenTo(store: SimStore, referee: Referee): void {
  const append = store.append.bind(store);
  store.append = (view: number, block: BlockEntry) => {
    referee.stored(view, block);
    append(view, block);
  };
}

/** A node that comes back must hold all that it had stored, and be at no less work than when it went. */
function checkRestarts(world: World, referee: Referee): void {
  const { simulation } = world;
  const workAtCrash = new Map<number, bigint>();
  const crash = simulation.crash.bind(simulation);
  simulation.crash = (node) => {
    workAtCrash.set(node, referee.tipWork(node));
    crash(node);
  };
  const restart = simulation.restart.bind(simulation);
  simulation.restart = (node, stored) => {
    restart(node, stored);
    referee.checkNothingLost(node);
    if (referee.tipWork(node) < (workAtCrash.get(node) ?? 0n))
      referee.findings.push(`at ${simulation.nowUs} us node-${node} came back with less work than it had`);
  };
}

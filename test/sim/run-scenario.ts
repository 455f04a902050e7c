import type { BlockEntry } from "../../node/core/state/block-entry.ts";
import { Prng } from "../../node/core/support/prng.ts";
import { SimDisk } from "../../runner/backends/sim/sim-disk.ts";
import { SimStore } from "../../runner/backends/sim/sim-store.ts";
import { checkConvergence, healEverything } from "./convergence.ts";
import { DiskFaults } from "./disk-faults.ts";
import type { RandomScenario } from "./random-scenario.ts";
import { Referee } from "./referee.ts";
import { World } from "./world.ts";

export interface RunOptions {
  readonly bug?: PlantedBug;
  /** Whether disks lose and tear what is not synced, and rot. */
  readonly diskFaults?: boolean;
}

/** A bug that is planted to see whether the suite finds it: mutated parts, and calls at two moments. */
export interface PlantedBug {
  readonly storeOf?: (nodeCount: number) => SimStore;
  readonly diskOf?: (nodeCount: number, prng: Prng) => SimDisk;
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
export function runScenario(
  scenario: RandomScenario,
  { bug = {}, diskFaults = false }: RunOptions = {},
): RanScenario {
  const referee = new Referee(scenario);
  const nodeCount = scenario.network.nodes.length;
  const disk = diskFaults ? makeDisk(nodeCount, scenario.seed, bug) : null;
  const store = disk ?? bug.storeOf?.(nodeCount) ?? new SimStore(nodeCount);
  const faults = disk === null ? null : new DiskFaults(scenario.seed, disk, referee);
  listenTo(store, referee, faults);
  const world = new World(scenario, { telemetry: referee, store });
  referee.watch(world.simulation);
  checkRestarts(world, referee);
  faults?.attach(world);
  bug.onStart?.(world);
  try {
    world.runSteps();
    faults?.disarm(world);
    healEverything(world);
    bug.onHealed?.(world);
    const findings = checkConvergence(world, new Prng(String(scenario.seed), "healed"));
    for (const node of world.nodeIndices) referee.checkNothingLost(node);
    if (findings.length === 0) faults?.checkMended(world);
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

function makeDisk(nodeCount: number, seed: number, bug: PlantedBug): SimDisk {
  const prng = new Prng(String(seed), "disks");
  return bug.diskOf?.(nodeCount, prng) ?? new SimDisk(nodeCount, prng);
}

function summary(world: World, findings: readonly string[]): RanScenario {
  const { tree, eventCount } = world.simulation;
  return { findings, blockCount: tree.size - 1, eventCount };
}

/** The referee hears of what the store has acknowledged, so a store that loses something does not go unnoticed. */
function listenTo(store: SimStore, referee: Referee, faults: DiskFaults | null): void {
  const append = store.append.bind(store);
  store.append = (view: number, block: BlockEntry) => {
    append(view, block);
    referee.stored(view, block);
    faults?.stored(view, block);
  };
}

/** A node that comes back must hold all that it had stored, and be at no less work than when it went. */
function checkRestarts(world: World, referee: Referee): void {
  const { simulation } = world;
  const tipAtCrash = new Map<number, BlockEntry>();
  const crash = simulation.crash.bind(simulation);
  simulation.crash = (node) => {
    if (world.isUp(node)) tipAtCrash.set(node, simulation.host(node).machine.tip);
    crash(node);
  };
  const restart = simulation.restart.bind(simulation);
  simulation.restart = (node, stored) => {
    restart(node, stored);
    referee.checkNothingLost(node);
    const before = tipAtCrash.get(node);
    if (before !== undefined && !referee.mayLack(node, before) && referee.tipWork(node) < before.chainWork)
      referee.findings.push(`at ${simulation.nowUs} us node-${node} came back with less work than it had`);
  };
}

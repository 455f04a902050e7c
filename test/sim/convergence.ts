import {
  ANNOUNCED,
  HELD,
  REFUSED,
  REQUESTED,
  UNKNOWN,
  WAITING,
} from "../../node/core/state/belief-columns.ts";
import type { BlockEntry } from "../../node/core/state/block-entry.ts";
import { invariant } from "../../node/core/support/invariant.ts";
import { MICROS_PER_SEC, type Micros } from "../../node/core/support/micros.ts";
import type { Prng } from "../../node/core/support/prng.ts";
import { pick } from "./random-picks.ts";
import { named } from "./referee.ts";
import type { World } from "./world.ts";

/**
 * How long a healed network that mines nothing may take to agree: eight requests of one body may each run into
 * their timeout of 10 s, and what was sent before the healing may still be late by 51 s of retransmissions.
 */
export const SETTLE_US: Micros = 240 * MICROS_PER_SEC;

/** Ends every fault, in the order in which an operator might; what was planned from the start stays. */
export function healEverything(world: World): void {
  const { network } = world.scenario;
  const { simulation } = world;
  const nodes = world.nodeIndices;
  world.apply({ word: "loss", links: null, ratio: 0 });
  world.apply({ word: "latency", links: null, latency: null });
  world.apply({ word: "bandwidth", nodes, bitsPerSec: network.uplinkBitsPerSec });
  world.apply({ word: "heal", links: null });
  for (const node of nodes) {
    if (!world.isUp(node)) world.apply({ word: "restart", nodes: [node] });
    if (simulation.isPaused(node)) world.apply({ word: "resume", nodes: [node] });
  }
  world.apply({ word: "hashRate", nodes, hashesPerSec: null });
}

/**
 * The liveness phase, after everything was healed: the miners go on for a while, then stop, and everybody must get to the most
 * work that anybody has; then one node finds one more block, and everybody must get to that one. Gives what is missing where.
 */
export function checkConvergence(world: World, prng: Prng): string[] {
  const { simulation, scenario } = world;
  world.runFor(Math.floor(scenario.blockIntervalUs * 5 * prng.uniform()));
  world.apply({ word: "hashRate", nodes: world.nodeIndices, hashesPerSec: 0 });
  world.runFor(SETTLE_US);
  const best = simulation.hosts
    .map(({ machine }) => machine.tip)
    .reduce((most, tip) => (tip.chainWork > most.chainWork ? tip : most));
  // Among equals the first seen stays, so tips may differ; the work may not.
  const behind = simulation.hosts.filter(({ machine }) => machine.tip.chainWork < best.chainWork);
  if (behind.length > 0) return behind.map(({ view }) => describeMissing(world, view, best));
  const last = mineOne(world, pick(prng, world.nodeIndices));
  world.runFor(SETTLE_US);
  return simulation.hosts
    .filter(({ machine }) => machine.tip !== last)
    .map(({ view }) => describeMissing(world, view, last));
}

/** One block at this node and no other. */
function mineOne(world: World, node: number): BlockEntry {
  const { machine } = world.simulation.host(node);
  const before = machine.tip;
  world.apply({ word: "hashRate", nodes: [node], hashesPerSec: 2 ** 20 });
  while (machine.tip === before)
    if (!world.simulation.runSome(world.simulation.nowUs + MICROS_PER_SEC, 1)) continue;
  world.apply({ word: "hashRate", nodes: [node], hashesPerSec: 0 });
  invariant(machine.tip.parent === before, "a node that mines alone extends its tip");
  return machine.tip;
}

/** The lowest blocks tell why; those above follow. */
const MISSING_SHOWN_MAX = 8;

const STATUS_NAMES = new Map([
  [UNKNOWN, "unknown"],
  [ANNOUNCED, "announced"],
  [REQUESTED, "requested"],
  [WAITING, "waiting"],
  [HELD, "held"],
  [REFUSED, "refused"],
]);

/** Which blocks on the way to `wanted` a node lacks, in what status each is, and which of its peers hold them. */
export function describeMissing(world: World, node: number, wanted: BlockEntry): string {
  const { simulation } = world;
  const statusOf = (block: BlockEntry, view: number) => block.beliefs.status[view] as number;
  const missing: BlockEntry[] = [];
  for (let at: BlockEntry | null = wanted; at !== null && statusOf(at, node) !== HELD; at = at.parent)
    missing.unshift(at);
  const { tip } = simulation.host(node).machine;
  const blocks = missing
    .slice(0, MISSING_SHOWN_MAX)
    .map((block) => `${named(block)} ${STATUS_NAMES.get(statusOf(block, node))}`);
  if (missing.length > blocks.length) blocks.push(`and ${missing.length - blocks.length} above`);
  const peers = Array.from(
    { length: simulation.links.linkCount(node) },
    (_, link) => simulation.links.peerOf(node, link).peer,
  );
  const holders = peers.filter((peer) => statusOf(wanted, peer) === HELD).map((peer) => `node-${peer}`);
  const lacks = missing.length === 0 ? "holds all of it and stays behind" : `lacks ${blocks.join(", ")}`;
  return `not converged ${SETTLE_US / MICROS_PER_SEC} s after: node-${node} is at ${named(tip)}, wanted is ${named(wanted)}: it ${lacks}; peers that hold it: ${holders.join(", ") || "none"}`;
}

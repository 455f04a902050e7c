import { HELD } from "../../node/core/state/belief-columns.ts";
import type { BlockEntry } from "../../node/core/state/block-entry.ts";
import type { Micros } from "../../node/core/support/micros.ts";
import { Prng } from "../../node/core/support/prng.ts";
import { type SimDisk, WriteInterrupted } from "../../runner/backends/sim/sim-disk.ts";
import { between, chance } from "./random-picks.ts";
import type { Referee } from "./referee.ts";
import type { World } from "./world.ts";

/** Writes that an ending process completes before the one that it dies in, at most. */
const COMPLETED_MAX = 3;

/**
 * The faults of disks on top of a scenario's: half of its crashes come in the middle of a write, and now and then a record rots while its node is
 * down. Tells the referee what that may cost: an interrupted write was never acknowledged, and a rotten block may be gone until it has come again.
 */
export class DiskFaults {
  readonly #disk: SimDisk;
  readonly #prng: Prng;
  readonly #referee: Referee;
  /** By node: blocks whose records rotted, and that were not stored again since. */
  readonly #rotten = new Map<number, Set<BlockEntry>>();

  constructor(seed: number, disk: SimDisk, referee: Referee) {
    this.#disk = disk;
    this.#referee = referee;
    this.#prng = new Prng(String(seed), "disk faults");
  }

  /** From now on the world's processes die in writes, and their disks rot. */
  attach(world: World): void {
    const { simulation } = world;
    const runUntil = simulation.runUntil.bind(simulation);
    simulation.runUntil = (limitUs) => this.#runUntil(world, runUntil, limitUs);
    const crash = simulation.crash.bind(simulation);
    simulation.crash = (node) => {
      crash(node);
      this.#disk.crashed(node);
    };
    const apply = world.apply.bind(world);
    world.apply = (fault) => {
      if (fault.word === "crash") apply({ ...fault, nodes: this.#crashAtOnce(world, fault.nodes) });
      else if (fault.word === "restart") {
        for (const node of fault.nodes) this.#beforeRestart(world, node);
        apply(fault);
      } else apply(fault);
    };
  }

  /** Nobody dies writing any more: whoever has not yet dies now. */
  disarm(world: World): void {
    for (const node of world.nodeIndices) if (this.#disk.isDying(node)) world.simulation.crash(node);
  }

  /** The node has stored the block, again if it rotted. */
  stored(node: number, block: BlockEntry): void {
    this.#rotten.get(node)?.delete(block);
  }

  /** In the end every block of its chain must be held, wherever it was lost. */
  checkMended(world: World): void {
    for (const node of world.nodeIndices)
      for (const block of ancestorsOf(world.simulation.host(node).machine.tip))
        if (block.beliefs.status[node] !== HELD) this.#referee.lacks(node, block);
  }

  /** The others die in one of their next writes. */
  #crashAtOnce(world: World, nodes: readonly number[]): number[] {
    return nodes.filter((node) => {
      if (!world.isUp(node) || chance(this.#prng, 0.5)) return true;
      this.#disk.dieWriting(node, between(this.#prng, 0, COMPLETED_MAX));
      return false;
    });
  }

  #runUntil(world: World, runUntil: (limitUs: Micros) => void, limitUs: Micros): void {
    for (;;) {
      try {
        runUntil(limitUs);
        return;
      } catch (error) {
        if (!(error instanceof WriteInterrupted)) throw error;
        this.#referee.interrupted(error.view, error.block);
        world.simulation.crash(error.view);
      }
    }
  }

  #beforeRestart(world: World, node: number): void {
    // It was to die in a write, and has made none.
    if (world.isUp(node)) world.simulation.crash(node);
    const rotten = this.#rotten.get(node) ?? new Set();
    this.#rotten.set(node, rotten);
    const found = chance(this.#prng, 0.3) ? this.#disk.damage(node, this.#othersKeep(world, node)) : null;
    if (found !== null) rotten.add(found);
    for (const block of this.#disk.wholeBlocks(node)) this.#referee.foundOnDisk(node, block);
    const standing = new Set(ancestorsOf(this.#ledgerBlock(node)));
    const now = new Set(rotten);
    this.#referee.excuse(node, (block) => now.has(block) || standsOnRotten(block, now, standing));
  }

  /** Whether another node has the block on its disk, where none has rotted: the only copy is beyond all help. */
  #othersKeep(world: World, node: number): (block: BlockEntry) => boolean {
    const others = world.nodeIndices.filter((other) => other !== node);
    const kept = new Set(others.flatMap((other) => this.#disk.wholeBlocks(other)));
    for (const rotten of this.#rotten.values()) for (const block of rotten) kept.delete(block);
    return (block) => kept.has(block);
  }

  /** From whose ledger the node will go on. */
  #ledgerBlock(node: number): BlockEntry | null {
    const found = this.#disk.found(node).map(({ block }) => block);
    const best = found.reduce<BlockEntry | null>(
      (top, block) => (top === null || block.chainWork > top.chainWork ? block : top),
      null,
    );
    const below = new Set(ancestorsOf(best));
    return this.#disk.kept(node).find((block) => below.has(block)) ?? null;
  }
}

/** Above the ledger that a node goes on from, a block stands or falls with those below it. */
function standsOnRotten(
  block: BlockEntry,
  rotten: ReadonlySet<BlockEntry>,
  standing: ReadonlySet<BlockEntry>,
): boolean {
  for (let at: BlockEntry | null = block; at !== null && !standing.has(at); at = at.parent)
    if (rotten.has(at)) return true;
  return false;
}

function ancestorsOf(block: BlockEntry | null): BlockEntry[] {
  const blocks: BlockEntry[] = [];
  for (let at = block; at !== null; at = at.parent) blocks.push(at);
  return blocks;
}

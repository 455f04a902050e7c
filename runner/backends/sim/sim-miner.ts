import { workOfCompact } from "../../../node/core/chain/target.ts";
import type { BlockEntry } from "../../../node/core/state/block-entry.ts";
import type { BlockTree } from "../../../node/core/state/block-tree.ts";
import type { Message } from "../../../node/core/state/messages.ts";
import { MICROS_PER_SEC, type Micros } from "../../../node/core/support/micros.ts";
import { Prng } from "../../../node/core/support/prng.ts";
import type { Miner } from "../../../node/ports/miner.ts";
import { FIND } from "./event-kinds.ts";
import type { EventQueue } from "./event-queue.ts";

/**
 * Draws when each node finds its next block. A node's finds are a Poisson process of rate 1 in the number of blocks it can expect
 * from its hashing; hash rate and difficulty only stretch time. Because the exponential has no memory, a new tip needs no new draw, and
 * a node's n-th find takes the same work in every scenario of a seed.
 */
export class SimMiner implements Miner {
  readonly #queue: EventQueue<Message>;
  readonly #tree: BlockTree;
  readonly #draws: Prng[];
  readonly hashesPerSec: Float64Array;
  /** Expected blocks still to be worked for until the next find. */
  readonly #remaining: Float64Array;
  readonly #asOfUs: Float64Array;
  readonly #compactTarget: Float64Array;
  readonly #hashesPerBlock: Float64Array;
  readonly #generation: Int32Array;
  readonly #stopped: Uint8Array;

  constructor(queue: EventQueue<Message>, tree: BlockTree, seed: string, hashesPerSec: readonly number[]) {
    this.#queue = queue;
    this.#tree = tree;
    const count = hashesPerSec.length;
    const root = new Prng(seed);
    this.#draws = hashesPerSec.map((_, node) => root.stream(`node-${node} mining`));
    this.hashesPerSec = Float64Array.from(hashesPerSec);
    this.#remaining = Float64Array.from(this.#draws, (draws) => draws.exponential(1));
    this.#asOfUs = new Float64Array(count);
    this.#compactTarget = new Float64Array(count);
    this.#hashesPerBlock = new Float64Array(count);
    this.#generation = new Int32Array(count);
    this.#stopped = new Uint8Array(count);
  }

  tipChanged(view: number, tip: BlockEntry): void {
    const compactTarget = this.#tree.compactTargetAfter(tip);
    if (this.#compactTarget[view] === compactTarget) return;
    this.#settle(view);
    this.#compactTarget[view] = compactTarget;
    this.#hashesPerBlock[view] = Number(workOfCompact(compactTarget));
    this.#reschedule(view);
  }

  setHashRate(view: number, hashesPerSec: number): void {
    this.#settle(view);
    this.hashesPerSec[view] = hashesPerSec;
    this.#reschedule(view);
  }

  /** A node that is down or paused does not hash. */
  setStopped(view: number, stopped: boolean): void {
    this.#settle(view);
    this.#stopped[view] = stopped ? 1 : 0;
    this.#reschedule(view);
  }

  /** Whether an event of kind FIND is still meant; if so the next find is drawn. */
  isDue(view: number, generation: number): boolean {
    if (this.#generation[view] !== generation) return false;
    this.#remaining[view] = this.#drawsOf(view).exponential(1);
    this.#asOfUs[view] = this.#queue.nowUs;
    this.#reschedule(view);
    return true;
  }

  /** 64 bits, so that no two drawn blocks are the same. */
  drawNonce(view: number): bigint {
    const draws = this.#drawsOf(view);
    return (BigInt(draws.integer(2 ** 32)) << 32n) | BigInt(draws.integer(2 ** 32));
  }

  #drawsOf(view: number): Prng {
    return this.#draws[view] as Prng;
  }

  /** Blocks per microsecond that the node can expect now. */
  #rate(view: number): number {
    const hashesPerBlock = this.#hashesPerBlock[view] as number;
    if (hashesPerBlock === 0 || this.#stopped[view] === 1) return 0;
    return (this.hashesPerSec[view] as number) / hashesPerBlock / MICROS_PER_SEC;
  }

  /** Books the work done since the last change. */
  #settle(view: number): void {
    const { nowUs } = this.#queue;
    const done = this.#rate(view) * (nowUs - (this.#asOfUs[view] as Micros));
    this.#remaining[view] = Math.max(0, (this.#remaining[view] as number) - done);
    this.#asOfUs[view] = nowUs;
  }

  #reschedule(view: number): void {
    const generation = (this.#generation[view] as number) + 1;
    this.#generation[view] = generation;
    const rate = this.#rate(view);
    if (rate === 0) return;
    const atUs = this.#queue.nowUs + Math.ceil((this.#remaining[view] as number) / rate);
    // Hardly any hashing against a high difficulty: not within the 285 years that times can express.
    if (atUs > Number.MAX_SAFE_INTEGER) return;
    this.#queue.schedule(atUs, FIND, view, generation, null);
  }
}

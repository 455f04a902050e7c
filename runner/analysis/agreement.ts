import type { Hex } from "../../node/core/chain/types.ts";
import { invariant } from "../../node/core/support/invariant.ts";
import type { Micros } from "../../node/core/support/micros.ts";
import type { NodeChanged, RunEvent } from "../record/run-event.ts";

/** From this instant on (until the next point) the running nodes stood like this. */
export interface AgreementPoint {
  readonly atUs: Micros;
  /** Of the highest tip of a running node; 0 is genesis. */
  readonly height: number;
  /** Different tips among running nodes: 1 is agreement, 0 that no node runs. */
  readonly distinctTips: number;
  readonly runningCount: number;
}

/** Where a node stood when the journal ended. */
export interface FinalNode {
  readonly isRunning: boolean;
  /** Null: it never left genesis. */
  readonly tipHash: Hex | null;
  readonly height: number;
}

export interface Agreement {
  /** One point for each instant at which anything of it changed; the first at 0. */
  readonly series: readonly AgreementPoint[];
  /** By node. */
  readonly finalNodes: readonly FinalNode[];
}

interface Standing {
  isRunning: boolean;
  tip: Hex | null;
  height: number;
}

/** Genesis as a tip: its hash is not known before the first block, and a hash is never this. */
const GENESIS_TIP = "genesis";

/**
 * Replays the tips of all nodes. A node runs from the start of the run, unless the first that the journal says of it is
 * that it started; it does not run while it is stopped, crashed or paused, and keeps its tip through that. What happens
 * within one microsecond counts as one instant.
 */
export function replayTips(
  events: Iterable<RunEvent>,
  nodeCount: number,
  changes: readonly NodeChanged[],
): Agreement {
  const nodes: Standing[] = Array.from({ length: nodeCount }, () => ({
    isRunning: true,
    tip: null,
    height: 0,
  }));
  for (const change of firstChanges(changes).values())
    if (change.state === "started") standingOf(nodes, change.node).isRunning = false;

  const tips = new TipCounter();
  for (const node of nodes) if (node.isRunning) tips.add(node);
  const series: AgreementPoint[] = [];
  let nowUs = 0;
  for (const event of events) {
    if (event.type !== "tip-changed" && event.type !== "node-changed") continue;
    // A live node may have started a moment before the run did.
    const atUs = Math.max(0, event.atUs);
    if (atUs !== nowUs) pushPoint(series, tips, nowUs);
    nowUs = atUs;
    const node = standingOf(nodes, event.node);
    if (node.isRunning) tips.remove(node);
    if (event.type === "tip-changed") {
      // A node that starts over from nothing is back at genesis, whatever genesis is called.
      node.tip = event.height === 0 ? null : event.hash;
      node.height = event.height;
    } else node.isRunning = event.state === "started" || event.state === "resumed";
    if (node.isRunning) tips.add(node);
  }
  pushPoint(series, tips, nowUs);
  const finalNodes = nodes.map(({ isRunning, tip, height }) => ({ isRunning, tipHash: tip, height }));
  return { series, finalNodes };
}

/**
 * From `sinceUs` to the first instant at which all running nodes have the same tip; 0 if they had it already.
 * Null if there is none before `untilUs`, or while no node runs.
 */
export function agreedAfterUs(
  series: readonly AgreementPoint[],
  sinceUs: Micros,
  untilUs: Micros,
): Micros | null {
  let standing: AgreementPoint | null = null;
  for (const point of series) {
    if (point.atUs > sinceUs) {
      if (standing?.distinctTips === 1) return 0;
      if (point.atUs >= untilUs) return null;
      if (point.distinctTips === 1) return point.atUs - sinceUs;
    }
    standing = point;
  }
  // The last point holds to the end of the run.
  return standing !== null && standing.atUs <= sinceUs && standing.distinctTips === 1 ? 0 : null;
}

/** When running nodes last agreed, up to `endUs` itself if they still do; null if never. */
export function lastAgreedUs(series: readonly AgreementPoint[], endUs: Micros): Micros | null {
  let latest: Micros | null = null;
  let agreed = false;
  for (const point of series) {
    if (agreed) latest = point.atUs;
    agreed = point.distinctTips === 1;
    if (agreed) latest = point.atUs;
  }
  return agreed ? endUs : latest;
}

/** How many running nodes have each tip; the number of different tips stays small, whatever the number of nodes. */
class TipCounter {
  readonly #tips = new Map<Hex, { count: number; readonly height: number }>();
  runningCount = 0;

  get distinct(): number {
    return this.#tips.size;
  }

  add(node: Standing): void {
    this.runningCount++;
    const tip = node.tip ?? GENESIS_TIP;
    const known = this.#tips.get(tip);
    if (known === undefined) this.#tips.set(tip, { count: 1, height: node.height });
    else known.count++;
  }

  remove(node: Standing): void {
    this.runningCount--;
    const tip = node.tip ?? GENESIS_TIP;
    const known = this.#tips.get(tip);
    if (known === undefined) return;
    known.count--;
    if (known.count === 0) this.#tips.delete(tip);
  }

  heightMax(): number {
    let best = 0;
    for (const tip of this.#tips.values()) best = Math.max(best, tip.height);
    return best;
  }
}

function pushPoint(series: AgreementPoint[], tips: TipCounter, atUs: Micros): void {
  const point = {
    atUs,
    height: tips.heightMax(),
    distinctTips: tips.distinct,
    runningCount: tips.runningCount,
  };
  const last = series.at(-1);
  const isSame =
    last !== undefined &&
    last.height === point.height &&
    last.distinctTips === point.distinctTips &&
    last.runningCount === point.runningCount;
  if (!isSame) series.push(point);
}

function firstChanges(changes: readonly NodeChanged[]): Map<number, NodeChanged> {
  const first = new Map<number, NodeChanged>();
  for (const change of changes) if (!first.has(change.node)) first.set(change.node, change);
  return first;
}

function standingOf(nodes: readonly Standing[], index: number): Standing {
  const node = nodes[index];
  invariant(node !== undefined, `the journal speaks of node ${index} of ${nodes.length}`);
  return node;
}

import type { LatencyModel } from "../../../node/link/latency.ts";
import type { Fault, RunPlan } from "../../plan.ts";
import type { SimStore } from "./sim-store.ts";
import type { Simulation } from "./simulation.ts";

/** Whether a fault is at work, found by looking at the network after it was carried out, and what was seen. */
export interface FaultEffect {
  readonly probed: boolean;
  readonly evidence: string;
}

/** Carries faults out on a simulation and looks whether they took. */
export class SimFaults {
  readonly #simulation: Simulation;
  readonly #store: SimStore;
  readonly #plan: FaultTarget;
  /** The latency of each link by the plan, by direction. */
  readonly #plannedLatency: readonly LatencyModel[];

  constructor(simulation: Simulation, store: SimStore, plan: FaultTarget) {
    this.#simulation = simulation;
    this.#store = store;
    this.#plan = plan;
    const { links } = simulation;
    const endCount = links.firstEnd.at(-1) ?? 0;
    this.#plannedLatency = Array.from({ length: endCount }, (_, end) => links.latencyOf(end));
  }

  apply(fault: Fault): FaultEffect {
    switch (fault.word) {
      case "partition":
        return this.#setCut(fault.cut, true);
      case "heal":
        return this.#setCut(fault.links ?? this.#everyDirection(), false);
      case "latency":
        return this.#setLatency(fault.links, fault.latency);
      case "loss":
        return this.#setLoss(fault.links, fault.ratio);
      case "bandwidth":
        return this.#setBandwidth(fault.nodes, fault.bitsPerSec);
      case "hashRate":
        return this.#setHashRate(fault.nodes, fault.hashesPerSec);
      default:
        return this.#changeNodes(fault.word, fault.nodes);
    }
  }

  #setCut(directions: readonly Direction[], cut: boolean): FaultEffect {
    const { links } = this.#simulation;
    let linked = 0;
    let right = 0;
    for (const [source, target] of directions) {
      if (!this.#simulation.setCut(source, target, cut)) continue;
      linked++;
      if (links.isCut(links.directionOf(source, target)) === cut) right++;
    }
    return { probed: right === linked, evidence: `${right} of ${linked} directions ${cut ? "cut" : "open"}` };
  }

  #setLatency(directions: readonly Direction[] | null, latency: LatencyModel | null): FaultEffect {
    const { links } = this.#simulation;
    const found = this.#directionsOf(directions);
    for (const direction of found)
      this.#simulation.setLatency(direction, latency ?? (this.#plannedLatency[direction] as LatencyModel));
    const right = found.filter(
      (direction) => links.latencyOf(direction) === (latency ?? this.#plannedLatency[direction]),
    ).length;
    return {
      probed: right === found.length,
      evidence: `${right} of ${found.length} directions have the latency`,
    };
  }

  #setLoss(directions: readonly Direction[] | null, ratio: number): FaultEffect {
    const { links } = this.#simulation;
    const found = this.#directionsOf(directions);
    for (const direction of found) this.#simulation.setLoss(direction, ratio);
    const right = found.filter((direction) => links.lossRatio[direction] === ratio).length;
    return {
      probed: right === found.length,
      evidence: `${right} of ${found.length} directions lose ${ratio}`,
    };
  }

  #setBandwidth(nodes: readonly number[], bitsPerSec: number | null): FaultEffect {
    const { transport } = this.#simulation;
    const limit = bitsPerSec ?? Number.POSITIVE_INFINITY;
    for (const node of nodes) transport.uplinkBitsPerSec[node] = limit;
    const right = nodes.filter((node) => transport.uplinkBitsPerSec[node] === limit).length;
    return { probed: right === nodes.length, evidence: `${right} of ${nodes.length} uplinks` };
  }

  #setHashRate(nodes: readonly number[], hashesPerSec: number | null): FaultEffect {
    const { miner } = this.#simulation;
    const asked = (node: number) => hashesPerSec ?? this.#plan.nodes[node]?.hashesPerSec ?? 0;
    for (const node of nodes) miner.setHashRate(node, asked(node));
    const right = nodes.filter((node) => miner.hashesPerSec[node] === asked(node)).length;
    return { probed: right === nodes.length, evidence: `${right} of ${nodes.length} nodes hash at the rate` };
  }

  #changeNodes(word: "crash" | "restart" | "pause" | "resume", nodes: readonly number[]): FaultEffect {
    const simulation = this.#simulation;
    const changes = {
      crash: {
        carryOut: (node: number) => simulation.crash(node),
        isSeen: (node: number) => simulation.transport.up[node] === 0,
      },
      restart: {
        carryOut: (node: number) => simulation.restart(node, this.#store),
        isSeen: (node: number) => simulation.transport.up[node] === 1,
      },
      pause: {
        carryOut: (node: number) => simulation.pause(node),
        isSeen: (node: number) => simulation.isPaused(node),
      },
      resume: {
        carryOut: (node: number) => simulation.resume(node),
        isSeen: (node: number) => !simulation.isPaused(node),
      },
    };
    const { carryOut, isSeen } = changes[word];
    for (const node of nodes) carryOut(node);
    const right = nodes.filter(isSeen).length;
    return { probed: right === nodes.length, evidence: `${word} seen at ${right} of ${nodes.length} nodes` };
  }

  #directionsOf(directions: readonly Direction[] | null): number[] {
    const { links } = this.#simulation;
    return (directions ?? this.#everyDirection())
      .map(([source, target]) => links.directionOf(source, target))
      .filter((direction) => direction !== -1);
  }

  #everyDirection(): Direction[] {
    return this.#plan.edges.flatMap(({ a, b }): Direction[] => [
      [a, b],
      [b, a],
    ]);
  }
}

type Direction = readonly [number, number];

/** What faults have to know of a plan. */
type FaultTarget = Pick<RunPlan, "nodes" | "edges">;

import type { Micros } from "../../node/core/support/micros.ts";
import type { Prng } from "../../node/core/support/prng.ts";
import type { SimulatedNetwork } from "../../runner/backends/sim/simulation.ts";
import type { Fault, PlannedEdge } from "../../runner/plan.ts";
import { below, between, chance, pick, pickSome } from "./random-picks.ts";
import { drawLatency, type Step } from "./random-scenario.ts";

/** Faults in the order of their times; about every third at the time of the one before, or at a round one. */
export function drawFaults(prng: Prng, network: SimulatedNetwork, durationUs: Micros): Step[] {
  if (chance(prng, 0.15)) return drawLongPartition(prng, network, durationUs);
  const count = chance(prng, 0.1) ? 0 : between(prng, 1, 12);
  const timesUs = Array.from({ length: count }, () => below(prng, durationUs)).sort((a, b) => a - b);
  const draws = new FaultDraws(prng, network);
  let lastUs = 0;
  return timesUs.map((drawnUs) => {
    const roundUs = Math.ceil(drawnUs / 100_000) * 100_000;
    const atUs = Math.max(lastUs, pick(prng, [drawnUs, drawnUs, drawnUs, roundUs, lastUs]));
    lastUs = atUs;
    return { atUs, fault: draws.next() };
  });
}

/** Two sides that go apart by more blocks than one peer is asked for at a time, then meet again while they mine. */
function drawLongPartition(prng: Prng, network: SimulatedNetwork, durationUs: Micros): Step[] {
  const fromUs = below(prng, durationUs * 0.1);
  const untilUs = fromUs + Math.floor(durationUs * (0.6 + 0.3 * prng.uniform()));
  return [
    { atUs: fromUs, fault: { word: "partition", cut: drawGroups(prng, network) } },
    { atUs: untilUs, fault: { word: "heal", links: null } },
  ];
}

function drawGroups(prng: Prng, network: SimulatedNetwork): [number, number][] {
  const group = network.nodes.map(() => prng.integer(2));
  return directionsOf(network.edges).filter(([source, target]) => group[source] !== group[target]);
}

export function directionsOf(edges: readonly PlannedEdge[]): [number, number][] {
  return edges.flatMap(({ a, b }): [number, number][] => [
    [a, b],
    [b, a],
  ]);
}

/** Draws faults that make sense one after the other: only a node that runs can crash, only one that crashed can restart. */
export class FaultDraws {
  readonly #prng: Prng;
  readonly #network: SimulatedNetwork;
  readonly #state: ("up" | "down" | "paused")[];

  constructor(prng: Prng, network: SimulatedNetwork) {
    this.#prng = prng;
    this.#network = network;
    this.#state = network.nodes.map(() => "up");
  }

  next(): Fault {
    const prng = this.#prng;
    switch (prng.integer(9)) {
      case 0:
      case 1:
        return this.#nodeFault();
      case 2:
        return this.#restore() ?? this.#nodeFault();
      case 3:
        return { word: "partition", cut: this.#cut() };
      case 4:
        return { word: "heal", links: chance(prng, 0.5) ? null : this.#links() };
      case 5:
        return {
          word: "latency",
          links: this.#someLinks(),
          latency: chance(prng, 0.7) ? drawLatency(prng) : null,
        };
      case 6:
        return { word: "loss", links: this.#someLinks(), ratio: pick(prng, [0, 0.1, 0.5, 0.9]) };
      case 7:
        return {
          word: "bandwidth",
          nodes: this.#nodes(),
          bitsPerSec: chance(prng, 0.3) ? null : this.#slowBitsPerSec(),
        };
      default:
        return { word: "hashRate", nodes: this.#nodes(), hashesPerSec: pick(prng, [null, 0, 500_000]) };
    }
  }

  #nodeFault(): Fault {
    const up = this.#inState("up");
    if (up.length === 0) return this.#restore() as Fault;
    const nodes = pickSome(this.#prng, up, 0.3);
    const word = chance(this.#prng, 0.6) ? "crash" : "pause";
    // A process that stands still can be killed as well.
    const paused = this.#inState("paused");
    if (word === "crash" && paused.length > 0 && chance(this.#prng, 0.3))
      nodes.push(pick(this.#prng, paused));
    for (const node of nodes) this.#state[node] = word === "crash" ? "down" : "paused";
    return { word, nodes };
  }

  #restore(): Fault | null {
    const down = this.#inState("down");
    const paused = this.#inState("paused");
    if (down.length + paused.length === 0) return null;
    const isRestart = paused.length === 0 || (down.length > 0 && chance(this.#prng, 0.5));
    const nodes = pickSome(this.#prng, isRestart ? down : paused, 0.5);
    for (const node of nodes) this.#state[node] = "up";
    return { word: isRestart ? "restart" : "resume", nodes };
  }

  #inState(state: "up" | "down" | "paused"): number[] {
    return this.#network.nodes.map(({ index }) => index).filter((index) => this.#state[index] === state);
  }

  /** Groups as `partition` makes them, one way too, or any directions. */
  #cut(): [number, number][] {
    const groups = drawGroups(this.#prng, this.#network);
    switch (this.#prng.integer(4)) {
      case 0:
        return groups.filter(([source, target]) => source < target);
      case 1:
        return this.#links();
      default:
        return groups;
    }
  }

  /**
   * A block takes a tenth of a second to half of one. Slower still, and the backlog of a busy network would outlast the
   * healing by many minutes: what is on its way arrives when it was to arrive.
   */
  #slowBitsPerSec(): number {
    const blockBits = (this.#network.blockPaddingBytes + 1_000) * 8;
    return blockBits * pick(this.#prng, [2, 4, 10]);
  }

  #links(): [number, number][] {
    return pickSome(this.#prng, directionsOf(this.#network.edges), 0.3);
  }

  #someLinks(): [number, number][] | null {
    return chance(this.#prng, 0.4) ? null : this.#links();
  }

  #nodes(): number[] {
    return pickSome(
      this.#prng,
      this.#network.nodes.map(({ index }) => index),
      0.4,
    );
  }
}

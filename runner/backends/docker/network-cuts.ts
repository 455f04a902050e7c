import { type Evidence, shortList } from "../../faults/evidence.ts";
import type { PlannedNode } from "../../plan.ts";
import type { IsOpen, LinkCuts, LinkEnds } from "../live/link-cuts.ts";
import { OperationError } from "../live/operation-error.ts";
import type { DockerEngine } from "./docker-engine.ts";
import type { NodeContainer } from "./node-container.ts";
import type { RunNetworks } from "./run-networks.ts";
import { connectFromInside } from "./tcp-probe.ts";

/** Containers in which a probe of one fault runs, one after the other: each is a process that takes a tenth of a second of processor. */
const SOURCES_PROBED_MAX = 4;

/** Peers that each of them tries, at all their addresses. */
const TARGETS_PROBED_MAX = 4;

export interface NetworkCutsParts {
  readonly engine: DockerEngine;
  readonly nodes: readonly Pick<PlannedNode, "index" | "name">[];
  /** Null before the run has networks. */
  readonly networks: () => RunNetworks | null;
  /** Of a node, if it has one that has not ended. */
  readonly containerOf: (node: number) => NodeContainer | null;
}

interface Try {
  readonly source: number;
  readonly address: string;
  readonly isStopped: boolean;
  readonly isReached: boolean;
}

/** Cuts made by the networks of the engine: containers lose their plugs, so packets do not cross, whatever the nodes send. */
export class NetworkCuts implements LinkCuts {
  readonly #parts: NetworkCutsParts;
  #isOpen: IsOpen = () => true;
  #changeCount = 0;

  constructor(parts: NetworkCutsParts) {
    this.#parts = parts;
  }

  want(isOpen: IsOpen): void {
    this.#isOpen = isOpen;
    this.#changeCount += 1;
    this.#parts.networks()?.want(isOpen);
  }

  stops(source: number, target: number): boolean {
    return this.#parts.networks()?.isClosedBetween(source, target) ?? false;
  }

  async settle(): Promise<void> {
    await this.#parts.networks()?.settle();
  }

  /**
   * Opens connections from containers to the addresses of their peers. Where the network stops packets, a peer may be reached at none of its
   * addresses; where it does not, a peer must be reached at the one that they share.
   */
  async probe(links: readonly LinkEnds[]): Promise<Evidence | null> {
    const changeCount = this.#changeCount;
    const stopped = links.filter((link) => this.stops(...link));
    const evidence = this.#describe(links, stopped);
    const tries: Try[] = [];
    for (const [source, targets] of spreadBySource(stopped.length > 0 ? stopped : links))
      tries.push(...(await this.#look(source, targets)));
    if (changeCount !== this.#changeCount)
      return { probed: null, evidence: `${evidence}; changed again before it could be seen from inside` };
    if (tries.length === 0) return { probed: null, evidence };
    const wrong = tries.filter(({ isReached, isStopped }) => isReached === isStopped);
    if (wrong.length === 0) {
      const found = stopped.length > 0 ? "none reached" : "all reached";
      return { probed: true, evidence: `${evidence}; ${tries.length} addresses tried from inside, ${found}` };
    }
    const names = wrong.map(({ source, address }) => `${this.#nameOf(source)} to ${address}`);
    const verb = stopped.length > 0 ? "packets still cross" : "no packets pass";
    return { probed: false, evidence: `${evidence}; ${verb}: ${shortList(names)}` };
  }

  /** Which means was used, for the table of faults. */
  #describe(links: readonly LinkEnds[], stopped: readonly LinkEnds[]): string {
    const cut = links.filter((link) => !this.#isOpen(...link));
    if (cut.length === 0) return "open in the network";
    if (stopped.length === cut.length) return "cut by the network";
    if (stopped.length === 0) return "cut by the senders, since open links share the network";
    return `${stopped.length} directions cut by the network, ${cut.length - stopped.length} by their senders`;
  }

  async #look(source: number, targets: readonly number[]): Promise<Try[]> {
    const container = this.#parts.containerOf(source);
    const plan = targets.flatMap((target) => this.#addressesOf(source, target));
    if (container === null || plan.length === 0) return [];
    try {
      const { engine } = this.#parts;
      const addresses = plan.map(({ address }) => address);
      const reached = new Set(await connectFromInside(engine, container.id, addresses));
      return plan.map((each) => ({ source, ...each, isReached: reached.has(each.address) }));
    } catch (error) {
      // It stands still, or has ended meanwhile: it can show nothing.
      if (error instanceof OperationError) return [];
      throw error;
    }
  }

  #addressesOf(source: number, target: number): Pick<Try, "address" | "isStopped">[] {
    const peer = this.#parts.containerOf(target);
    const networks = this.#parts.networks();
    if (peer === null || networks === null) return [];
    const isStopped = this.stops(source, target);
    if (!isStopped) return networks.sharedAddress(source, target).map((address) => ({ address, isStopped }));
    return [...networks.addressesOf(target), peer.controlAddress].map((address) => ({ address, isStopped }));
  }

  #nameOf(node: number): string {
    return this.#parts.nodes[node]?.name ?? `node-${node}`;
  }
}

/** A few sources, and a few targets of each, evenly over the list. */
function spreadBySource(links: readonly LinkEnds[]): [source: number, targets: number[]][] {
  const bySource = new Map<number, number[]>();
  for (const [source, target] of links) bySource.set(source, [...(bySource.get(source) ?? []), target]);
  const all = [...bySource];
  const step = Math.max(1, all.length / SOURCES_PROBED_MAX);
  return Array.from({ length: Math.min(all.length, SOURCES_PROBED_MAX) }, (_, i) => all[Math.floor(i * step)])
    .flatMap((entry) => (entry === undefined ? [] : [entry]))
    .map(([source, targets]) => [source, targets.slice(0, TARGETS_PROBED_MAX)]);
}

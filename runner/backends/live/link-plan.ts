import { invariant } from "../../../node/core/support/invariant.ts";
import type { LatencyModel } from "../../../node/link/latency.ts";
import type { LinkCondition, LinkConditions } from "../../../node/link/link-conditions.ts";
import type { Fault, RunPlan } from "../../plan.ts";
import { CUT_BY_NODES, type LinkCuts } from "./link-cuts.ts";

export interface LinkPatch {
  readonly links?: Readonly<Record<string, Partial<LinkCondition>>>;
  readonly uplinkBitsPerSec?: number | null;
}

/** The faults that change links and nothing else. */
export type LinkFault = Extract<Fault, { word: "partition" | "heal" | "latency" | "loss" | "bandwidth" }>;

const NO_DELAY: LatencyModel = { kind: "constant", delayUs: 0 };

interface Side {
  readonly links: Map<number, LinkCondition>;
  uplinkBitsPerSec: number | null;
}

/**
 * The conditions that should hold now on every link, by the plan and the faults so far. Kept by the runner, so that a node that was down or stood
 * still while they changed hears of them before it sends again. A node is told of a cut only where nothing below it stops the packets.
 */
export class LinkPlan {
  readonly #plan: RunPlan;
  /** As the plan has them at the start. */
  readonly #latency: ReadonlyMap<number, LatencyModel>[];
  readonly #sides: Side[];
  readonly #cuts: LinkCuts;
  /** Directions that their sender was told to cut, `0>1`. Until they heal: whoever lets go of one before the packets are stopped lets some through. */
  readonly #cutBySender = new Set<string>();

  constructor(plan: RunPlan, cuts: LinkCuts = CUT_BY_NODES) {
    this.#plan = plan;
    this.#cuts = cuts;
    const latency = plan.nodes.map(() => new Map<number, LatencyModel>());
    for (const edge of plan.edges) {
      latency[edge.a]?.set(edge.b, edge.latency);
      latency[edge.b]?.set(edge.a, edge.latency);
    }
    this.#latency = latency;
    this.#sides = latency.map((peers) => ({
      uplinkBitsPerSec: plan.uplinkBitsPerSec,
      links: new Map(
        Array.from(peers, ([peer, model]) => [
          peer,
          { latency: model, lossRatio: plan.lossRatio, cut: false },
        ]),
      ),
    }));
  }

  peersOf(node: number): number[] {
    return [...this.#side(node).links.keys()];
  }

  /** As it is to hold, whoever sees to it. The same object until it changes. */
  conditionOf(source: number, target: number): LinkCondition | null {
    return this.#side(source).links.get(target) ?? null;
  }

  /** What the node is to do with what it sends. */
  conditionsOf(node: number): LinkConditions {
    const { links, uplinkBitsPerSec } = this.#side(node);
    const named = Array.from(links, ([peer, condition]) => {
      const cut = this.#cutBySender.has(`${node}>${peer}`);
      return [this.#nameOf(peer), { ...condition, cut }] as const;
    });
    return {
      seed: this.#plan.seed,
      default: { latency: NO_DELAY, lossRatio: this.#plan.lossRatio, cut: false },
      links: Object.fromEntries(named),
      uplinkBitsPerSec,
      blockPaddingBytes: this.#plan.blockPaddingBytes,
    };
  }

  /** All of a node's conditions as a change: for a node that may have missed some. */
  patchOf(node: number): LinkPatch {
    const { links, uplinkBitsPerSec } = this.conditionsOf(node);
    return { links, uplinkBitsPerSec };
  }

  isOpen(source: number, target: number): boolean {
    return this.conditionOf(source, target)?.cut === false;
  }

  /** Takes the fault in and gives what each node concerned has to be told, by node. What lies below is told what is wanted, and not to do it yet. */
  change(fault: LinkFault): Map<number, LinkPatch> {
    if (fault.word === "bandwidth") return this.#changeUplinks(fault.nodes, fault.bitsPerSec);
    const pairs = (fault.word === "partition" ? fault.cut : fault.links) ?? this.allPairs();
    const patches = new Map<number, Record<string, Partial<LinkCondition>>>();
    const tell = (source: number, target: number, patch: Partial<LinkCondition>) => {
      const links = patches.get(source) ?? {};
      links[this.#nameOf(target)] = patch;
      patches.set(source, links);
    };
    for (const [source, target] of pairs) {
      const side = this.#side(source);
      const before = side.links.get(target);
      if (before === undefined) continue;
      const patch = this.#patchOf(fault, source, target);
      side.links.set(target, { ...before, ...patch });
      if (patch.cut === undefined) tell(source, target, patch);
    }
    if (fault.word === "partition" || fault.word === "heal") this.#moveCuts(tell);
    return new Map(Array.from(patches, ([node, links]) => [node, { links }]));
  }

  /** A fault on some links may change who cuts others: a network that opens for one link no longer stops its neighbours. */
  #moveCuts(tell: (source: number, target: number, patch: Partial<LinkCondition>) => void): void {
    this.#cuts.want((source, target) => this.isOpen(source, target));
    for (const [source, target] of this.allPairs()) {
      const key = `${source}>${target}`;
      const isCut = this.#cutBySender.has(key);
      const cut = !this.isOpen(source, target) && (isCut || !this.#cuts.stops(source, target));
      if (cut === isCut) continue;
      if (cut) this.#cutBySender.add(key);
      else this.#cutBySender.delete(key);
      tell(source, target, { cut });
    }
  }

  #changeUplinks(nodes: readonly number[], uplinkBitsPerSec: number | null): Map<number, LinkPatch> {
    for (const node of nodes) this.#side(node).uplinkBitsPerSec = uplinkBitsPerSec;
    return new Map(nodes.map((node) => [node, { uplinkBitsPerSec }]));
  }

  #patchOf(
    fault: Exclude<LinkFault, { word: "bandwidth" }>,
    source: number,
    target: number,
  ): Partial<LinkCondition> {
    switch (fault.word) {
      case "partition":
        return { cut: true };
      case "heal":
        return { cut: false };
      case "latency":
        return { latency: fault.latency ?? this.#latency[source]?.get(target) ?? NO_DELAY };
      case "loss":
        return { lossRatio: fault.ratio };
    }
  }

  /** Every direction of every link, sender first. */
  allPairs(): [number, number][] {
    return this.#sides.flatMap(({ links }, source) =>
      Array.from(links.keys(), (target): [number, number] => [source, target]),
    );
  }

  #nameOf(node: number): string {
    const planned = this.#plan.nodes[node];
    invariant(planned !== undefined, `the plan has no node ${node}`);
    return planned.name;
  }

  #side(node: number): Side {
    const side = this.#sides[node];
    invariant(side !== undefined, `the plan has no node ${node}`);
    return side;
  }
}

import type { Micros } from "../../node/core/support/micros.ts";
import type { FaultOutcome } from "../backends/backend.ts";
import type { LinkCuts } from "../backends/live/link-cuts.ts";
import type { LinkFault, LinkPlan } from "../backends/live/link-plan.ts";
import type { LinkShaping } from "../backends/live/link-shaping.ts";
import type { LiveNode } from "../backends/live/live-node.ts";
import { OperationError } from "../backends/live/operation-error.ts";
import type { Fault, RunPlan } from "../plan.ts";
import type { NodeChanged } from "../record/run-event.ts";
import { type Evidence, joinEvidence } from "./evidence.ts";
import { shapedPairs } from "./link-pairs.ts";
import { probeLinks } from "./probe-links.ts";
import { probeCrashed, probeHashRate, probePaused, probeRestarted, probeResumed } from "./probe-nodes.ts";

export interface LiveFaultsParts {
  readonly plan: RunPlan;
  readonly nodes: readonly LiveNode[];
  readonly links: LinkPlan;
  readonly cuts: LinkCuts;
  readonly shaping: LinkShaping;
  readonly nowUs: () => Micros;
  readonly emit: (event: NodeChanged) => void;
  /** Starts a node again as it should be by now; null, or why not. */
  readonly restart: (node: LiveNode) => Promise<string | null>;
  /** Aborted when the run ends: a probe that takes time then says that it could not finish. */
  readonly ending: AbortSignal;
}

/** Carries out faults on real nodes, and looks whether they took effect. What concerns one node happens in the order of the calls. */
export class LiveFaults {
  readonly #parts: LiveFaultsParts;
  /** When the last fault of a link was in force at every sender. */
  #linkFaultAppliedAtUs: Promise<Micros> = Promise.resolve(0);

  constructor(parts: LiveFaultsParts) {
    this.#parts = parts;
  }

  /** Never rejects for what a node does or does not do. */
  async apply(fault: Fault): Promise<FaultOutcome> {
    switch (fault.word) {
      case "crash":
        return await this.#crash(fault.nodes);
      case "restart":
        return await this.#restart(fault.nodes);
      case "pause":
      case "resume":
        return await this.#setPaused(fault.nodes, fault.word);
      case "hashRate":
        return await this.#setHashRate(fault.nodes, fault.hashesPerSec);
      default:
        return await this.#changeLinks(fault);
    }
  }

  /** A node that is down or paused hears of it when it comes back. */
  async #changeLinks(fault: LinkFault): Promise<FaultOutcome> {
    const { nodes, links, cuts, shaping } = this.#parts;
    const patches = [...links.change(fault)];
    const told = patches.flatMap(([index, patch]) => {
      const node = nodes[index];
      return node === undefined ? [] : [{ node, patch, conditions: links.conditionsOf(index) }];
    });
    // The journal must have a cut and its healing in the order in which they were asked for: each builds on the one before.
    const before = this.#linkFaultAppliedAtUs;
    const appliedAtUs = Promise.withResolvers<Micros>();
    this.#linkFaultAppliedAtUs = appliedAtUs.promise;
    return await this.#carryOut(
      told.map(({ node, patch, conditions }) => [node, () => shaping.change(node, patch, conditions)]),
      async () =>
        joinEvidence(
          (await Promise.all([this.#probeCutsBelow(fault), this.#probeLinks(fault)])).flatMap(
            (evidence) => evidence ?? [],
          ),
        ),
      {
        // Senders first: what the network lets through again and is still to be cut is then held back already.
        after: () => (fault.word === "partition" || fault.word === "heal" ? cuts.settle() : null),
        when: async () => {
          const atUs = Math.max(this.#parts.nowUs(), (await before) + 1);
          appliedAtUs.resolve(atUs);
          return atUs;
        },
      },
    );
  }

  /** By whoever shapes the links; where that is the nodes, by messages of theirs. */
  async #probeLinks(fault: LinkFault): Promise<Evidence> {
    const { nodes, links, shaping, ending } = this.#parts;
    const isCutting = fault.word === "partition" || fault.word === "heal";
    const below = isCutting
      ? null
      : await shaping.probe(fault, shapedPairs(fault, nodes, links), links, ending);
    return below ?? (await probeLinks(fault, nodes, links, ending));
  }

  async #probeCutsBelow(fault: LinkFault): Promise<Evidence | null> {
    const { cuts, links } = this.#parts;
    if (fault.word === "partition") return await cuts.probe(fault.cut);
    return fault.word === "heal" ? await cuts.probe(fault.links ?? links.allPairs()) : null;
  }

  async #crash(indices: readonly number[]): Promise<FaultOutcome> {
    const nodes = this.#nodes(indices);
    const crashOf = async (node: LiveNode) => {
      await node.crash();
      this.#changed(node, "crashed");
    };
    return await this.#carryOut(
      nodes.map((node) => [node, () => crashOf(node)]),
      async () => {
        await Promise.all(nodes.map((node) => node.lastEventsHeard()));
        return await probeCrashed(nodes);
      },
    );
  }

  async #restart(indices: readonly number[]): Promise<FaultOutcome> {
    const nodes = this.#nodes(indices);
    const heightsBefore = nodes.map((node) => node.heard.height);
    const restartOf = async (node: LiveNode) => {
      const problem = await this.#parts.restart(node);
      if (problem !== null) throw new OperationError(problem);
      this.#changed(node, "started");
    };
    return await this.#carryOut(
      nodes.map((node) => [node, () => restartOf(node)]),
      () => probeRestarted(nodes, heightsBefore),
    );
  }

  async #setPaused(indices: readonly number[], word: "pause" | "resume"): Promise<FaultOutcome> {
    const nodes = this.#nodes(indices);
    const pause = async (node: LiveNode) => {
      await node.pause();
      this.#changed(node, "paused");
    };
    const resume = async (node: LiveNode) => {
      await node.resume();
      this.#changed(node, "resumed");
      const { links, shaping } = this.#parts;
      await shaping.change(node, links.patchOf(node.index), links.conditionsOf(node.index));
      await node.client.putMining(node.hashesPerSec);
    };
    return await this.#carryOut(
      nodes.map((node) => [node, () => (word === "pause" ? pause(node) : resume(node))]),
      () => (word === "pause" ? probePaused(nodes) : probeResumed(nodes)),
    );
  }

  async #setHashRate(indices: readonly number[], hashesPerSec: number | null): Promise<FaultOutcome> {
    const nodes = this.#nodes(indices);
    const tell = async (node: LiveNode) => {
      node.hashesPerSec = hashesPerSec ?? this.#parts.plan.nodes[node.index]?.hashesPerSec ?? 0;
      if (node.state === "up") await node.client.putMining(node.hashesPerSec);
    };
    return await this.#carryOut(
      nodes.map((node) => [node, () => tell(node)]),
      () => probeHashRate(nodes, this.#parts.ending),
    );
  }

  /** All at once, each node in its turn; then what comes after that, if anything; then the probe, which delays nothing. */
  async #carryOut(
    jobs: readonly (readonly [LiveNode, () => Promise<void> | null])[],
    probe: () => Promise<Evidence>,
    more: { readonly after?: () => Promise<void> | null; readonly when?: () => Promise<Micros> } = {},
  ): Promise<FaultOutcome> {
    const { after = () => null, when = async () => this.#parts.nowUs() } = more;
    const problems = await Promise.all(
      jobs.map(([node, job]) => node.inTurn(() => problemOf(job, `${node.name}: `))),
    );
    problems.push(await problemOf(after, ""));
    const appliedAtUs = await when();
    const evidence = problems.flatMap((problem) => problem ?? []).join("; ");
    if (evidence !== "") return { applied: false, appliedAtUs, probed: false, evidence };
    return { applied: true, appliedAtUs, ...(await probe()) };
  }

  #changed(node: LiveNode, state: NodeChanged["state"]): void {
    this.#parts.emit({ type: "node-changed", atUs: this.#parts.nowUs(), node: node.index, state });
  }

  #nodes(indices: readonly number[]): LiveNode[] {
    return indices.flatMap((index) => this.#parts.nodes[index] ?? []);
  }
}

/** What went wrong, in words; null when nothing did. */
async function problemOf(job: () => Promise<void> | null, who: string): Promise<string | null> {
  try {
    await job();
    return null;
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    return `${who}${error.message}`;
  }
}

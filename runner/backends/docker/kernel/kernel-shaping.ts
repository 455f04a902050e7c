import * as z from "zod";
import { invariant } from "../../../../node/core/support/invariant.ts";
import type { LinkCondition, LinkConditions } from "../../../../node/link/link-conditions.ts";
import type { Evidence } from "../../../faults/evidence.ts";
import type { Pair } from "../../../faults/link-pairs.ts";
import type { RunPlan } from "../../../plan.ts";
import type { LinkPatch, LinkPlan } from "../../live/link-plan.ts";
import type { LinkShaping, ShapedNode, ShapeFault } from "../../live/link-shaping.ts";
import { networkOptions } from "../container-options.ts";
import { type DockerEngine, EngineError } from "../docker-engine.ts";
import { nodeLabels } from "../labels.ts";
import type { NodeContainer } from "../node-container.ts";
import type { RunNetworks } from "../run-networks.ts";
import { needsNetem } from "./kernel-limits.ts";
import { probeKernel } from "./kernel-probe.ts";
import { NetworkHolder } from "./network-holder.ts";
import { READ_COMMAND, rulesTowards } from "./read-rules.ts";
import { redirectCommands, ruleCommands, type SendingRules, setUpCommands, tablesOf } from "./tc-commands.ts";

export interface KernelShapingParts {
  readonly engine: DockerEngine;
  readonly plan: RunPlan;
  readonly runId: string;
  /** Begins the names of what is made. */
  readonly prefix: string;
  /** Has `sh`, `ip` and `tc`. */
  readonly image: string;
  /** Only to be asked once a node is to start. */
  readonly networks: () => RunNetworks;
  /** Of a node, if it has one that has not ended. */
  readonly containerOf: (node: number) => NodeContainer | null;
}

/** What holds a node's network, and the rules that it has there. */
interface Held {
  readonly holder: NetworkHolder;
  /** As they were typed: what is laid already is not laid again. */
  laid: ReadonlySet<string>;
  readonly tables: Set<string>;
  turn: Promise<unknown>;
}

const interfacesSchema = z.array(
  z.object({ ifname: z.string(), addr_info: z.array(z.object({ local: z.string().optional() })) }),
);

/**
 * Links shaped by the kernel, in the network namespace of each node: what the nodes send is delayed, lost and paced whatever it is (their messages, but
 * answers and what TCP says by itself too), and the nodes know nothing of it.
 */
export class KernelShaping implements LinkShaping {
  readonly #parts: KernelShapingParts;
  readonly #hasNetem: boolean;
  readonly #held = new Map<number, Held>();

  constructor(parts: KernelShapingParts) {
    this.#parts = parts;
    this.#hasNetem = needsNetem(parts.plan);
  }

  /**
   * Brings a node's network into being under these conditions, or to them if it is there: before the node starts, so that nothing leaves it unshaped. Gives
   * the container that holds it. Throws an `EngineError`.
   */
  async hold(node: number, conditions: LinkConditions): Promise<string> {
    if (!this.#held.has(node)) this.#held.set(node, await this.#begin(node));
    await this.#lay(node, conditions);
    return this.#heldOf(node).holder.id;
  }

  /** A network was plugged in while the node runs: what leaves by it is shaped as all else. Throws an `EngineError`. */
  async plugged(node: number): Promise<void> {
    const held = this.#held.get(node);
    if (held !== undefined) await inTurn(held, () => this.#redirect(node, held.holder));
  }

  async change(node: ShapedNode, patch: LinkPatch, conditions: LinkConditions): Promise<void> {
    const cuts = cutsOf(patch);
    if (cuts !== null && node.state === "up") await node.client.putLinks({ links: cuts });
    if (this.#held.has(node.index)) await this.#lay(node.index, conditions);
  }

  async probe(
    fault: ShapeFault,
    pairs: readonly Pair[],
    links: LinkPlan,
    ending: AbortSignal,
  ): Promise<Evidence> {
    const { engine, containerOf, networks } = this.#parts;
    try {
      return await probeKernel(fault, pairs, {
        ...{ engine, links, ending },
        containerOf: (node) => containerOf(node)?.id ?? null,
        addressOf: (source, target) => networks().sharedAddress(source, target)[0] ?? null,
        readRules: async (source, target) => {
          return rulesTowards(target, await this.#heldOf(source).holder.read(READ_COMMAND));
        },
      });
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      return { probed: null, evidence: `the kernel could not be looked at: ${error.message}` };
    }
  }

  async #begin(node: number): Promise<Held> {
    const { engine, runId, prefix, image, networks } = this.#parts;
    const name = this.#nameOf(node);
    const holder = await NetworkHolder.start(engine, {
      containerName: `${prefix}-${name}-network`,
      image,
      labels: nodeLabels(runId, name),
      network: networkOptions({
        kind: "own",
        network: networks().controlName,
        hosts: networks().hostsOf(node),
      }),
      isShortLived: false,
      made: (container) => networks().attach(node, container),
    });
    await holder.run(setUpCommands());
    await this.#redirect(node, holder);
    return { holder, laid: new Set(), tables: new Set(), turn: Promise.resolve() };
  }

  /** Interfaces are numbered by the engine as it likes; a node's addresses among its peers are ours. */
  async #redirect(node: number, holder: NetworkHolder): Promise<void> {
    const said = await holder.read(["ip", "-json", "-4", "address", "show"]);
    const addresses = new Set(this.#parts.networks().addressesOf(node));
    const devices = decodeInterfaces(said).filter((each) =>
      each.addr_info.some(({ local }) => local !== undefined && addresses.has(local)),
    );
    for (const { ifname } of devices) await holder.run(redirectCommands(ifname));
  }

  async #lay(node: number, conditions: LinkConditions): Promise<void> {
    const held = this.#heldOf(node);
    const rules = this.#rulesOf(node, conditions);
    await inTurn(held, async () => {
      for (const table of tablesOf(rules)) {
        if (held.tables.has(table.name)) continue;
        await held.holder.putTable(table);
        held.tables.add(table.name);
      }
      const commands = ruleCommands(rules);
      const before = held.laid;
      // Whatever a failure leaves is laid anew the next time.
      held.laid = new Set();
      await held.holder.run(commands.filter((command) => !before.has(command.join(" "))));
      held.laid = new Set(commands.map((command) => command.join(" ")));
    });
  }

  #rulesOf(node: number, { links, uplinkBitsPerSec }: LinkConditions): SendingRules {
    const { plan, networks } = this.#parts;
    const peers = plan.nodes.flatMap(({ index: peer, name }) => {
      const [address] = networks().sharedAddress(node, peer);
      const condition = links[name];
      if (address === undefined || condition === undefined) return [];
      return [{ peer, address, latency: condition.latency, lossRatio: condition.lossRatio }];
    });
    return { uplinkBitsPerSec, peers, hasNetem: this.#hasNetem };
  }

  #heldOf(node: number): Held {
    const held = this.#held.get(node);
    invariant(held !== undefined, `node ${node} has no network`);
    return held;
  }

  #nameOf(node: number): string {
    return this.#parts.plan.nodes[node]?.name ?? `node-${node}`;
  }
}

/** The part of a node's conditions that it sees to itself when the kernel does the rest: cuts that no network makes. */
export function leftToNode(conditions: LinkConditions): LinkConditions {
  const plain = (cut: boolean): LinkCondition => ({
    latency: { kind: "constant", delayUs: 0 },
    lossRatio: 0,
    cut,
  });
  const links = Object.entries(conditions.links).map(([peer, { cut }]) => [peer, plain(cut)] as const);
  return {
    ...conditions,
    default: plain(conditions.default.cut),
    links: Object.fromEntries(links),
    uplinkBitsPerSec: null,
  };
}

/** Null when it holds none. */
function cutsOf({ links = {} }: LinkPatch): Record<string, Pick<LinkCondition, "cut">> | null {
  const cuts = Object.entries(links).flatMap(([peer, { cut }]) =>
    cut === undefined ? [] : [[peer, { cut }] as const],
  );
  return cuts.length === 0 ? null : Object.fromEntries(cuts);
}

async function inTurn(held: Held, job: () => Promise<void>): Promise<void> {
  const done = held.turn.then(job);
  held.turn = done.catch(() => undefined);
  await done;
}

function decodeInterfaces(json: string): z.output<typeof interfacesSchema> {
  try {
    return interfacesSchema.parse(JSON.parse(json));
  } catch (error) {
    throw new EngineError(`ip told something else than its addresses: ${String(error)}`, null);
  }
}

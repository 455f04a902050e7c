import type { RunPlan } from "../../plan.ts";
import { addressIn, type Cidr, splitBlock } from "./address-block.ts";
import { type DockerEngine, EngineError } from "./docker-engine.ts";
import type { Labels } from "./labels.ts";
import { type NetworkIndex, type PeerNetwork, planNetworks } from "./network-plan.ts";

/** Somebody else may take the block of addresses between two calls; hardly twice. */
const ALLOCATION_ATTEMPTS_MAX = 3;

export interface NetworkSettings {
  readonly plan: Pick<RunPlan, "nodes" | "edges" | "timeline">;
  /** Begins the names of what is made. */
  readonly prefix: string;
  readonly labels: Labels;
  /** Called when a container that runs was plugged in anew. */
  readonly plugged?: (node: number) => Promise<void>;
}

interface Plugged extends PeerNetwork {
  readonly name: string;
  readonly cidr: Cidr;
  isClosed: boolean;
}

/**
 * The networks of one run. Over the control network the runner reaches every node, and no node another: it keeps its members apart. Peers reach each
 * other over networks of their own, which lead nowhere else, under addresses that never change: each node's file of hosts holds those of its
 * peers, so a name means something to them alone and nobody asks anybody outside. A network is closed by pulling plugs.
 */
export class RunNetworks {
  readonly controlName: string;
  /** Whence the runner's requests come. */
  readonly controlCidr: Cidr;
  readonly #engine: DockerEngine;
  readonly #plan: NetworkSettings["plan"];
  readonly #plugged: (node: number) => Promise<void>;
  readonly #networks: readonly Plugged[];
  readonly #networkOfEdge = new Map<string, Plugged>();
  /** By node; null while it has none. */
  readonly #containers: (string | null)[];
  /** What the engine has: by container, the networks it is plugged into. */
  readonly #plugs = new Map<string, Set<NetworkIndex>>();
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(
    engine: DockerEngine,
    settings: NetworkSettings,
    control: { name: string; cidr: Cidr },
    networks: readonly Plugged[],
  ) {
    this.#engine = engine;
    this.#plan = settings.plan;
    this.#plugged = settings.plugged ?? (async () => undefined);
    this.controlName = control.name;
    this.controlCidr = control.cidr;
    this.#networks = networks;
    this.#containers = settings.plan.nodes.map(() => null);
    for (const network of networks)
      for (const { a, b } of network.edges) {
        this.#networkOfEdge.set(`${a}>${b}`, network);
        this.#networkOfEdge.set(`${b}>${a}`, network);
      }
  }

  /** Makes the networks, all open and without members. Throws an `EngineError`. */
  static async create(engine: DockerEngine, settings: NetworkSettings): Promise<RunNetworks> {
    const { plan, prefix, labels } = settings;
    const controlName = `${prefix}-control`;
    await createNetwork(engine, controlName, {
      Options: { "com.docker.network.bridge.enable_icc": "false" },
      Labels: { ...labels },
    });
    const controlCidr = await cidrOf(engine, controlName);
    const planned = planNetworks(plan);
    for (let attempt = 1; ; attempt++) {
      const cidrs = await freeBlocks(engine, `${prefix}-block`, labels, planned.length, plan.nodes.length);
      const networks = planned.map((network, i): Plugged => {
        return { ...network, name: `${prefix}-peers-${i}`, cidr: cidrs[i] ?? "", isClosed: false };
      });
      try {
        for (const { name, cidr } of networks)
          await createNetwork(engine, name, {
            Internal: true,
            IPAM: { Config: [{ Subnet: cidr }] },
            Labels: { ...labels },
          });
        return new RunNetworks(engine, settings, { name: controlName, cidr: controlCidr }, networks);
      } catch (error) {
        if (!(error instanceof EngineError) || attempt === ALLOCATION_ATTEMPTS_MAX) throw error;
        for (const { name } of networks)
          await engine.askOrNull(`remove network ${name}`, (docker) => docker.getNetwork(name).remove());
      }
    }
  }

  get networkCount(): number {
    return this.#networks.length;
  }

  /** Lines `name:address` for a node's file of hosts: its peers, each at the network that they share. */
  hostsOf(node: number): string[] {
    return this.#peersOf(node).map(([peer, { cidr }]) => `${this.#nameOf(peer)}:${addressIn(cidr, peer)}`);
  }

  /** All addresses of a node among its peers, plugged or not. */
  addressesOf(node: number): string[] {
    return this.#networks
      .filter(({ members }) => members.includes(node))
      .map(({ cidr }) => addressIn(cidr, node));
  }

  /** The address at which one linked node knows the other; empty when they have no link. */
  sharedAddress(source: number, target: number): string[] {
    const network = this.#networkOfEdge.get(`${source}>${target}`);
    return network === undefined ? [] : [addressIn(network.cidr, target)];
  }

  /** Whether the network between them is closed, so that no packet crosses. */
  isClosedBetween(source: number, target: number): boolean {
    return this.#networkOfEdge.get(`${source}>${target}`)?.isClosed ?? false;
  }

  /** Says which links are open in at least one direction; networks that none of them uses are closed, and the others open. Nothing is done yet. */
  want(isOpen: (source: number, target: number) => boolean): void {
    for (const network of this.#networks)
      network.isClosed = !network.edges.some(({ a, b }) => isOpen(a, b) || isOpen(b, a));
  }

  /** Pulls and puts in plugs until the engine has what is wanted; how many it took. Throws an `EngineError`. */
  async settle(): Promise<number> {
    return await this.#inTurn(async () => {
      const moves = this.#containers.flatMap((container, node) =>
        container === null ? [] : this.#movesOf(node, container),
      );
      // All are tried, so that one that fails leaves no other undone.
      const outcomes = await Promise.allSettled(
        moves.map(async (move) => {
          const pluggedIn = await move();
          if (pluggedIn !== null) await this.#plugged(pluggedIn);
        }),
      );
      for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
      return moves.length;
    });
  }

  /** Plugs in a container that has yet to start, as is wanted now. From here on it takes part in every `settle`. */
  async attach(node: number, container: string): Promise<void> {
    await this.#inTurn(async () => {
      this.#containers[node] = container;
      this.#plugs.set(container, new Set());
      // One after the other: the engine numbers a container's interfaces in this order.
      for (const move of this.#movesOf(node, container)) await move();
    });
  }

  /** The container is removed. */
  detach(node: number): void {
    const container = this.#containers[node] ?? null;
    if (container !== null) this.#plugs.delete(container);
    this.#containers[node] = null;
  }

  /** Each resolves to the node when it was plugged in, to null when it was unplugged. */
  #movesOf(node: number, container: string): (() => Promise<number | null>)[] {
    const plugs = this.#plugs.get(container) ?? new Set();
    return this.#networks.flatMap((network) => {
      if (!network.members.includes(node)) return [];
      const isWanted = !(network.isClosed && network.unplugged.includes(node));
      if (isWanted === plugs.has(network.index)) return [];
      return [() => (isWanted ? this.#plugIn(network, node, container) : this.#unplug(network, container))];
    });
  }

  async #plugIn({ name, cidr, index }: Plugged, node: number, container: string): Promise<number> {
    const settings = { IPAMConfig: { IPv4Address: addressIn(cidr, node) } };
    await this.#engine.ask(`connect ${container} to ${name}`, (docker) =>
      docker.getNetwork(name).connect({ Container: container, EndpointConfig: settings }),
    );
    this.#plugs.get(container)?.add(index);
    return node;
  }

  async #unplug({ name, index }: Plugged, container: string): Promise<null> {
    await this.#engine.ask(`disconnect ${container} from ${name}`, (docker) =>
      docker.getNetwork(name).disconnect({ Container: container }),
    );
    this.#plugs.get(container)?.delete(index);
    return null;
  }

  #peersOf(node: number): (readonly [peer: number, network: Plugged])[] {
    return this.#networks.flatMap((network) =>
      network.edges.flatMap(({ a, b }) => {
        if (a !== node && b !== node) return [];
        return [[a === node ? b : a, network] as const];
      }),
    );
  }

  #nameOf(node: number): string {
    return this.#plan.nodes[node]?.name ?? `node-${node}`;
  }

  #inTurn<T>(job: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(job);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

type NetworkOptions = Parameters<DockerEngine["streams"]["createNetwork"]>[0];

async function createNetwork(engine: DockerEngine, name: string, options: Omit<NetworkOptions, "Name">) {
  await engine.ask(`create network ${name}`, (docker) =>
    docker.createNetwork({ Name: name, Driver: "bridge", CheckDuplicate: true, ...options }),
  );
}

async function cidrOf(engine: DockerEngine, name: string): Promise<Cidr> {
  const { IPAM } = await engine.ask(`inspect network ${name}`, (docker) => docker.getNetwork(name).inspect());
  const cidr: unknown = IPAM?.Config?.[0]?.Subnet;
  if (typeof cidr !== "string") throw new EngineError(`the network ${name} has no IPv4 addresses`, null);
  return cidr;
}

/**
 * Addresses can only be chosen in a block that is given with the network, and only the engine knows which are free: so it is asked for any network,
 * whose block is then taken over.
 */
async function freeBlocks(
  engine: DockerEngine,
  name: string,
  labels: Labels,
  networkCount: number,
  memberCount: number,
): Promise<Cidr[]> {
  await createNetwork(engine, name, { Internal: true, Labels: { ...labels } });
  const block = await cidrOf(engine, name);
  await engine.ask(`remove network ${name}`, (docker) => docker.getNetwork(name).remove());
  const blocks = splitBlock(block, networkCount, memberCount);
  if (blocks !== null) return blocks;
  throw new EngineError(
    `the engine gave ${block}, too few addresses for ${networkCount} networks of ${memberCount} nodes: give it larger pools (default-address-pools in its daemon.json)`,
    null,
  );
}

import { resolve } from "node:path";
import type { Logger } from "pino";
import { DiscoveryClient } from "./adapters/discovery/discovery-client.ts";
import { EntryDirectory } from "./adapters/discovery/entry-directory.ts";
import { type DiscoveryTelemetry, LiveDiscovery } from "./adapters/discovery/live-discovery.ts";
import { NodesFile } from "./adapters/discovery/nodes-file.ts";
import { systemNowUs } from "./adapters/system/system-clock.ts";
import { Discovery } from "./core/discovery/discovery.ts";
import { entryOfOrigin, type NodeEntry } from "./core/discovery/node-entry.ts";
import type { Micros } from "./core/support/micros.ts";
import type { Prng } from "./core/support/prng.ts";
import type { LinkControl } from "./ports/link-control.ts";
import { blockListOf, type Network } from "./schemas/network.ts";
import { StartError } from "./start-error.ts";

/** Nodes that a node knows, at most: each asks all that it knows, once an interval. */
export const NODE_KNOWN_COUNT_MAX = 256;

/** What a node or a registry is told of discovery. */
export interface DiscoveryPlan {
  /** Null: there is no registry to ask; a node then looks for nobody. */
  readonly registryIp: string | null;
  readonly registryPort: number;
  /** Of the file, in the folder or with a path of its own. */
  readonly nodes: string;
  readonly updateInterval: Micros;
  readonly knownLimit: number;
  readonly peerLimit: number;
  readonly discoverIn: readonly Network[];
  readonly countMax: number;
  /** Of what is drawn: which nodes are asked and linked with. */
  readonly draws: Prng;
}

export interface DiscoverySurroundings {
  readonly folder: string;
  /** Null for a registry. */
  readonly links: LinkControl | null;
  /** Null for a registry, which serves no metrics. */
  readonly telemetry: DiscoveryTelemetry | null;
  readonly log: Logger;
  readonly fatal: (error: unknown) => void;
}

/** The discovery of a process: its known nodes are served from the first request on; looking for others begins with `start`. */
export class ProcessDiscovery {
  readonly directory: EntryDirectory;
  readonly #discovery: Discovery;
  readonly #plan: DiscoveryPlan;
  readonly #around: DiscoverySurroundings;
  readonly #registry: NodeEntry | null;
  #live: LiveDiscovery | null = null;

  constructor(plan: DiscoveryPlan, around: DiscoverySurroundings) {
    const { registryIp, registryPort, updateInterval, knownLimit, peerLimit, countMax, draws } = plan;
    this.#plan = plan;
    this.#around = around;
    this.#registry = registryIp === null ? null : { ip_address: registryIp, port: registryPort };
    this.#discovery = new Discovery({
      isNode: around.links !== null,
      registry: this.#registry,
      intervalUs: updateInterval,
      knownEnough: knownLimit,
      peerLimit,
      countMax,
      draws,
    });
    this.directory = new EntryDirectory(this.#discovery.nodes, systemNowUs);
  }

  /** Known nodes of which others are told, and those that are only tried. */
  knownCounts(): { readonly listed: number; readonly tried: number } {
    const { count, listedNodes } = this.#discovery.nodes;
    return { listed: listedNodes.length, tried: count - listedNodes.length };
  }

  /** `url` is where this process answers. Throws a `StartError` if others cannot be told of it. */
  start(url: string): void {
    const { folder, links, telemetry, log, fatal } = this.#around;
    const own = entryOfOrigin(url);
    if (own !== null) this.#discovery.nodes.addOwn(own);
    // A node without a registry lists who introduces itself, and calls nobody.
    if (links !== null && this.#registry === null) return;
    if (own === null)
      throw new StartError(`with a registry, --url must be plain http with an address, not ${url}`, true);
    this.#live = new LiveDiscovery({
      discovery: this.#discovery,
      client: new DiscoveryClient({
        own: links === null ? null : own,
        instance: this.directory.instance,
        networks: blockListOf(this.#plan.discoverIn),
        registry: this.#registry,
      }),
      file: new NodesFile(resolve(folder, this.#plan.nodes), this.#plan.countMax),
      links,
      telemetry,
      nowUs: systemNowUs,
      log: (level, event, facts) => log[level](facts, event),
      fatal,
    });
  }

  close(): void {
    this.#live?.close();
  }
}

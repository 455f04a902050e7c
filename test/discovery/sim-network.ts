import { Discovery, type DiscoveryEffect } from "../../node/core/discovery/discovery.ts";
import { entryOrigin, type NodeEntry } from "../../node/core/discovery/node-entry.ts";
import type { Answer, Ask } from "../../node/core/discovery/refresh.ts";
import { MICROS_PER_SEC, type Micros } from "../../node/core/support/micros.ts";
import { Prng } from "../../node/core/support/prng.ts";
import { EventQueue } from "../../runner/backends/sim/event-queue.ts";

const LATENCY_US_MAX = 50_000;
const TIMEOUT_US = 2 * MICROS_PER_SEC;
/** As a live node's transport does with a peer that was released. */
const RELEASE_US = 10 * MICROS_PER_SEC;
export const REGISTRY: NodeEntry = { ip_address: "10.0.0.1", port: 42_020 };

/** Mistakes that are made on purpose, to see that the checks find them. */
export type PlantedBug =
  | "introduces-itself-to-nobody"
  | "believes-hearsay"
  | "never-tells-the-registry-again";

export interface SimNetworkSettings {
  readonly seed: string;
  readonly intervalUs?: Micros;
  readonly knownEnough?: number;
  readonly bug?: PlantedBug;
}

export interface SimNode {
  readonly entry: NodeEntry;
  readonly discovery: Discovery;
  readonly startedUs: Micros;
  readonly links: Set<string>;
  /** Whose peers it finds slow. */
  readonly slow: Set<string>;
  readonly releasedUntilUs: Map<string, Micros>;
  isAlive: boolean;
  /** Only the newest wake counts. */
  wakeCount: number;
}

/** Nodes, and a registry, that run the discovery of live ones in virtual time, over requests and links that take time and can be cut. */
export class SimNetwork {
  readonly nodes: SimNode[] = [];
  registry: SimNode;
  /** Whether anything gets from one host to the other. */
  reaches: (source: NodeEntry, target: NodeEntry) => boolean = () => true;
  readonly diedUs = new Map<string, Micros>();
  readonly draws: Prng;
  readonly #settings: SimNetworkSettings;
  readonly #queue = new EventQueue<() => void>();
  #startCount = 0;

  constructor(settings: SimNetworkSettings) {
    this.#settings = settings;
    this.draws = new Prng(settings.seed).stream("network");
    this.registry = this.#makeNode(REGISTRY, false);
    this.#wake(this.registry);
  }

  get nowUs(): Micros {
    return this.#queue.nowUs;
  }

  get alive(): SimNode[] {
    return this.nodes.filter(({ isAlive }) => isAlive);
  }

  /** Starts a node that knows the registry, and whom its file names. */
  start(known: readonly NodeEntry[] = [], entry = this.#freshEntry()): SimNode {
    const node = this.#makeNode(entry, true);
    this.nodes.push(node);
    this.diedUs.delete(entryOrigin(entry));
    for (const each of known) node.discovery.nodes.introduce(each, this.nowUs);
    this.#wake(node);
    return node;
  }

  kill(node: SimNode): void {
    node.isAlive = false;
    this.diedUs.set(entryOrigin(node.entry), this.nowUs);
    for (const other of this.alive) other.links.delete(entryOrigin(node.entry));
    node.links.clear();
  }

  /** A registry that knows nobody takes the place of the one before. */
  replaceRegistry(): void {
    this.registry.isAlive = false;
    this.registry = this.#makeNode(REGISTRY, false);
    this.#wake(this.registry);
  }

  /** Ends the links that a cut runs through. */
  cut(reaches: (source: NodeEntry, target: NodeEntry) => boolean): void {
    this.reaches = reaches;
    for (const node of this.alive)
      for (const other of this.alive)
        if (!reaches(node.entry, other.entry)) node.links.delete(entryOrigin(other.entry));
  }

  runFor(us: Micros): void {
    const untilUs = this.nowUs + us;
    for (let slot = this.#queue.take(untilUs); slot >= 0; slot = this.#queue.take(untilUs))
      this.#queue.payload[slot]?.();
    this.#queue.nowUs = untilUs;
  }

  #makeNode(entry: NodeEntry, isNode: boolean): SimNode {
    const { seed, intervalUs = 60 * MICROS_PER_SEC, knownEnough = 10 } = this.#settings;
    this.#startCount += 1;
    const discovery = new Discovery({
      isNode,
      registry: isNode ? REGISTRY : null,
      intervalUs,
      knownEnough,
      peerLimit: isNode ? 8 : 0,
      countMax: isNode ? 256 : 1_024,
      draws: new Prng(seed).stream(`${entryOrigin(entry)} ${this.#startCount} discovery`),
    });
    discovery.nodes.addOwn(entry);
    return {
      entry,
      discovery,
      startedUs: this.nowUs,
      links: new Set(),
      slow: new Set(),
      releasedUntilUs: new Map(),
      isAlive: true,
      wakeCount: 0,
    };
  }

  /** Several nodes share a host, as on one laptop. */
  #freshEntry(): NodeEntry {
    const number = this.#startCount;
    return { ip_address: `10.0.1.${1 + (number % 12)}`, port: 5_000 + number };
  }

  #later(delayUs: Micros, action: () => void): void {
    this.#queue.schedule(this.nowUs + delayUs, 0, 0, 0, action);
  }

  #latencyUs(): Micros {
    return 1 + this.draws.integer(LATENCY_US_MAX);
  }

  #wake(node: SimNode): void {
    if (node.isAlive) this.#carryOut(node, node.discovery.wake(node.links, node.slow, this.nowUs));
  }

  #carryOut(node: SimNode, effects: readonly DiscoveryEffect[]): void {
    for (const effect of effects) {
      if (effect.type === "ask") this.#ask(node, effect.ask);
      else if (effect.type === "dial") this.#dial(node, effect.entry);
      else if (effect.type === "release") this.#release(node, effect.entry);
    }
    node.wakeCount += 1;
    const count = node.wakeCount;
    this.#later(Math.max(0, node.discovery.wakeAtUs - this.nowUs), () => {
      if (node.wakeCount === count) this.#wake(node);
    });
  }

  #find(source: NodeEntry, target: NodeEntry): SimNode | null {
    const all = [this.registry, ...this.nodes];
    const found = all.find((node) => node.isAlive && entryOrigin(node.entry) === entryOrigin(target));
    return found !== undefined && this.reaches(source, target) ? found : null;
  }

  #ask(node: SimNode, ask: Ask): void {
    const back = (delayUs: Micros, answer: Answer) =>
      this.#later(delayUs, () => {
        if (!node.isAlive) return;
        const { bug } = this.#settings;
        if (bug === "believes-hearsay" && answer.kind === "nodes")
          for (const entry of answer.nodes) node.discovery.nodes.introduce(entry, this.nowUs);
        this.#carryOut(node, node.discovery.answer(ask, answer, this.nowUs));
      });
    this.#later(this.#latencyUs(), () => {
      const target = this.#find(node.entry, ask.target);
      if (target === null) {
        const failed = { kind: "failed", reason: "nobody there" } as const;
        return back(this.draws.integer(2) === 0 ? 0 : TIMEOUT_US, failed);
      }
      back(this.#latencyUs(), this.#answer(node, target, ask));
    });
  }

  #answer(node: SimNode, target: SimNode, ask: Ask): Answer {
    if (ask.kind === "nodes") return { kind: "nodes", nodes: target.discovery.nodes.listed };
    const { bug } = this.#settings;
    const isShown = node !== this.registry && bug !== "introduces-itself-to-nobody";
    const isForgetful = bug === "never-tells-the-registry-again" && this.nowUs - node.startedUs > TIMEOUT_US;
    if (isShown && !(isForgetful && target === this.registry))
      target.discovery.nodes.introduce(node.entry, this.nowUs);
    return { kind: "alive" };
  }

  #dial(node: SimNode, entry: NodeEntry): void {
    this.#later(this.#latencyUs(), () => {
      const target = this.#find(node.entry, entry);
      if (target === null || !node.isAlive) return;
      if ((target.releasedUntilUs.get(entryOrigin(node.entry)) ?? 0) > this.nowUs) return;
      node.links.add(entryOrigin(entry));
      target.links.add(entryOrigin(node.entry));
    });
  }

  #release(node: SimNode, entry: NodeEntry): void {
    const wasLinked = node.links.delete(entryOrigin(entry));
    if (!wasLinked) return;
    node.releasedUntilUs.set(entryOrigin(entry), this.nowUs + RELEASE_US);
    const other = this.alive.find((each) => entryOrigin(each.entry) === entryOrigin(entry));
    other?.links.delete(entryOrigin(node.entry));
  }
}

/** Into how many parts the links among them leave these nodes: 1 when each can be reached from each. */
export function partCount(nodes: readonly SimNode[]): number {
  const byOrigin = new Map(nodes.map((node) => [entryOrigin(node.entry), node]));
  const seen = new Set<string>();
  let parts = 0;
  for (const origin of byOrigin.keys()) {
    if (seen.has(origin)) continue;
    parts += 1;
    const waiting = [origin];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      for (const linked of byOrigin.get(next)?.links ?? []) if (byOrigin.has(linked)) waiting.push(linked);
    }
  }
  return parts;
}

/** Living nodes, and the registry, that still tell of a node which died longer ago than this. */
export function tellersOfDead(network: SimNetwork, longerAgoUs: Micros): string[] {
  const { nowUs, diedUs } = network;
  return [network.registry, ...network.alive].flatMap(({ entry, discovery }) =>
    discovery.nodes.listed
      .map(entryOrigin)
      .filter((origin) => nowUs - (diedUs.get(origin) ?? nowUs) > longerAgoUs)
      .map((origin) => `${entryOrigin(entry)} tells of ${origin}`),
  );
}

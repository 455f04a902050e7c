import { MICROS_PER_SEC, type Micros } from "../support/micros.ts";
import type { Prng } from "../support/prng.ts";
import { KnownNodes } from "./known-nodes.ts";
import { type LinkEffect, LinkKeeper } from "./link-keeper.ts";
import { entryOrigin, type NodeEntry } from "./node-entry.ts";
import { type Answer, type Ask, Refresh } from "./refresh.ts";

/** Requests under way at once: a refresh of a few hundred nodes takes seconds, and is no load on anyone. */
export const ASKS_AT_ONCE_MAX = 8;

/** How often the links are looked after: no one is asked anything for that. */
const TEND_INTERVAL_US: Micros = 2 * MICROS_PER_SEC;

/** First wait of a node that knows nobody; it doubles up to the interval. */
const LONELY_WAIT_US_MIN: Micros = 500_000;

/**
 * Every so many refreshes leave out no step and exchange a link. A registry that lost its list learns of all again, and the halves of a network that
 * was cut in two, each with enough known nodes of its own, find each other.
 */
export const FULL_REFRESH_EVERY = 5;

export interface DiscoverySettings {
  /** False for a registry, which introduces itself to nobody. */
  readonly isNode: boolean;
  /** Null: there is none to ask. */
  readonly registry: NodeEntry | null;
  readonly intervalUs: Micros;
  /** As many known nodes are enough to skip the later steps of a refresh. */
  readonly knownEnough: number;
  /** Links that this node opens by itself. */
  readonly peerLimit: number;
  /** Known nodes, at most. */
  readonly countMax: number;
  /** This node's stream "discovery". */
  readonly draws: Prng;
}

/** What a refresh left listed: as many nodes as are enough, fewer, or none. */
export const REFRESH_OUTCOMES = ["enough", "some", "none"] as const;

export type RefreshOutcome = (typeof REFRESH_OUTCOMES)[number];

/** What to do: a request whose answer goes to `answer`, or a link to open or to end. And what to tell: a refresh is over. */
export type DiscoveryEffect =
  | { readonly type: "ask"; readonly ask: Ask }
  | { readonly type: "refreshed"; readonly outcome: RefreshOutcome }
  | LinkEffect;

/** How a node finds others, or a registry keeps its list, as a state machine: time, answers and links come in, effects go out. */
export class Discovery {
  readonly nodes: KnownNodes;
  /** When `wake` wants to be called next. */
  wakeAtUs: Micros = 0;
  #refresh: Refresh | null = null;
  #refreshAtUs: Micros = 0;
  #refreshCount = 0;
  #lonelyCount = 0;
  /** Of the refresh that is under way. */
  #isFull = false;
  /** A full refresh ended, and its exchange of a link is due. */
  #isRotationDue = false;
  #underWayCount = 0;
  readonly #waiting: Ask[] = [];
  readonly #settings: DiscoverySettings;
  readonly #links: LinkKeeper;

  constructor(settings: DiscoverySettings) {
    const { countMax, intervalUs, peerLimit, draws } = settings;
    this.#settings = settings;
    this.nodes = new KnownNodes({ countMax, retryUs: intervalUs });
    this.#links = new LinkKeeper(this.nodes, peerLimit, draws.stream("links"));
  }

  get isRefreshing(): boolean {
    return this.#refresh !== null;
  }

  /** Begins or goes on. `linked` are the origins of all links that are up, `slow` those of peers that were slow too often. */
  wake(linked: ReadonlySet<string>, slow: ReadonlySet<string>, nowUs: Micros): DiscoveryEffect[] {
    const effects: DiscoveryEffect[] = [];
    if (this.#refresh === null && nowUs >= this.#refreshAtUs) effects.push(...this.#begin(nowUs));
    if (this.#isRotationDue) {
      this.#isRotationDue = false;
      effects.push(...this.#links.rotate(linked, nowUs));
    }
    // First, or whoever could take its place would be linked with beside it.
    if (slow.size > 0) effects.push(...this.#links.replaceSlow(slow, linked, nowUs));
    effects.push(...this.#links.tend(linked, nowUs));
    const tendAtUs = nowUs + TEND_INTERVAL_US;
    this.wakeAtUs = this.#refresh === null ? Math.min(this.#refreshAtUs, tendAtUs) : tendAtUs;
    return effects;
  }

  /** An ask was answered, or failed. */
  answer(ask: Ask, answer: Answer, nowUs: Micros): DiscoveryEffect[] {
    this.#underWayCount -= 1;
    const refresh = this.#refresh;
    if (refresh === null) return [];
    this.#waiting.push(...refresh.answer(ask, answer, nowUs));
    const ended = refresh.isOver ? [this.#end(nowUs)] : [];
    return [...ended, ...this.#askMore()];
  }

  #begin(nowUs: Micros): DiscoveryEffect[] {
    const { isNode, knownEnough, draws } = this.#settings;
    this.#refreshCount += 1;
    const registry = this.#registry();
    const isFull = this.#refreshCount % FULL_REFRESH_EVERY === 0;
    this.#isFull = isFull;
    this.#refresh = new Refresh(this.nodes, { registry, isNode, knownEnough, isFull, draws });
    this.#waiting.push(...this.#refresh.start(nowUs));
    const ended = this.#refresh.isOver ? [this.#end(nowUs)] : [];
    return [...ended, ...this.#askMore()];
  }

  /** A node that is its own registry has nobody to ask there. */
  #registry(): NodeEntry | null {
    const { registry } = this.#settings;
    return registry === null || this.nodes.isOwn(registry) ? null : registry;
  }

  #end(nowUs: Micros): DiscoveryEffect {
    const { intervalUs, knownEnough, draws } = this.#settings;
    this.#refresh = null;
    this.#isRotationDue = this.#isFull;
    const listedCount = this.nodes.listedNodes.length;
    const isLonely = listedCount === 0 && this.#registry() !== null;
    this.#lonelyCount = isLonely ? this.#lonelyCount + 1 : 0;
    const waitUs = isLonely
      ? Math.min(intervalUs, LONELY_WAIT_US_MIN * 2 ** (this.#lonelyCount - 1))
      : intervalUs;
    // A tenth of the wait is drawn, so that nodes that started at one moment do not ask at one moment for ever.
    this.#refreshAtUs = nowUs + Math.round(waitUs * (0.9 + 0.2 * draws.uniform()));
    // Soon: links are chosen among those that just answered.
    this.wakeAtUs = nowUs;
    const outcome = listedCount === 0 ? "none" : listedCount < knownEnough ? "some" : "enough";
    return { type: "refreshed", outcome };
  }

  #askMore(): DiscoveryEffect[] {
    const asks = this.#waiting.splice(0, Math.max(0, ASKS_AT_ONCE_MAX - this.#underWayCount));
    this.#underWayCount += asks.length;
    return asks.map((ask) => ({ type: "ask", ask }));
  }
}

/** The origins of these entries, as `wake` takes them. */
export function originsOf(entries: readonly NodeEntry[]): Set<string> {
  return new Set(entries.map(entryOrigin));
}

import type { Micros } from "../support/micros.ts";
import { entryOrigin, type NodeEntry } from "./node-entry.ts";

/**
 * Failures in a row after which a node is forgotten. With waits that double from one interval, that is 31 intervals: long enough for a laptop
 * that was closed, short enough that a list does not fill with the dead.
 */
export const FAILURE_COUNT_MAX = 6;

/** Other addresses of this very node that are remembered: its interfaces and names. */
const ALIAS_COUNT_MAX = 16;

export interface KnownNode {
  readonly entry: NodeEntry;
  /** Others are told of it: it introduced itself or was added, or it answered; and it has not failed since. */
  isListed: boolean;
  /** It answered this node. */
  isProven: boolean;
  /** Since it answered last. */
  failureCount: number;
  /** When it is asked again after a failure. */
  retryAtUs: Micros;
  linkFailureCount: number;
  /** When it may be chosen for a link again. */
  linkRetryAtUs: Micros;
}

export interface KnownNodesSettings {
  readonly countMax: number;
  /** Wait after the first failure; it doubles with each further one. */
  readonly retryUs: Micros;
}

/**
 * The nodes that a node or registry knows: bounded, each once, never itself. What others merely tell of is not told on before it has answered
 * here; otherwise the names of the dead would go round for ever. Who fails is taken off the list at once, tried again after waits that
 * double, and forgotten after `FAILURE_COUNT_MAX` failures.
 */
export class KnownNodes {
  /** Goes up whenever the list that others are told changes. */
  version = 0;
  readonly #settings: KnownNodesSettings;
  readonly #nodes = new Map<string, KnownNode>();
  readonly #own = new Set<string>();

  constructor(settings: KnownNodesSettings) {
    this.#settings = settings;
  }

  /** What others are told, in the order in which it became known. */
  get listed(): NodeEntry[] {
    return this.listedNodes.map(({ entry }) => entry);
  }

  get listedNodes(): KnownNode[] {
    return [...this.#nodes.values()].filter(({ isListed }) => isListed);
  }

  /** Listed or not. */
  get count(): number {
    return this.#nodes.size;
  }

  find(entry: NodeEntry): KnownNode | null {
    return this.#nodes.get(entryOrigin(entry)) ?? null;
  }

  isOwn(entry: NodeEntry): boolean {
    return this.#own.has(entryOrigin(entry));
  }

  /** A node that introduced itself, or that an operator or the node's file named: it is listed until it fails. False if it is this node, or none fits any more. */
  introduce(entry: NodeEntry, nowUs: Micros): boolean {
    const node = this.find(entry) ?? this.#enter(entry);
    if (node === null) return false;
    // Its failures stay counted until it answers: an introduction costs nothing and proves nothing.
    node.retryAtUs = nowUs;
    this.#list(node, true);
    return true;
  }

  /** A node that another told of: it is asked before anyone else hears of it. False if it is this node, is known, or does not fit. */
  hear(entry: NodeEntry, nowUs: Micros): boolean {
    if (this.find(entry) !== null || this.#nodes.size >= this.#settings.countMax) return false;
    const node = this.#enter(entry);
    if (node !== null) node.retryAtUs = nowUs;
    return node !== null;
  }

  answered(entry: NodeEntry): void {
    const node = this.find(entry);
    if (node === null) return;
    node.failureCount = 0;
    node.isProven = true;
    this.#list(node, true);
  }

  failed(entry: NodeEntry, nowUs: Micros): void {
    const node = this.find(entry);
    if (node === null) return;
    node.failureCount += 1;
    node.isProven = false;
    node.retryAtUs = nowUs + this.#settings.retryUs * 2 ** (node.failureCount - 1);
    this.#list(node, false);
    if (node.failureCount >= FAILURE_COUNT_MAX) this.#nodes.delete(entryOrigin(entry));
  }

  /** This node itself answers at this address. It is no longer known, and never will be. */
  addOwn(entry: NodeEntry): void {
    if (this.#own.size < ALIAS_COUNT_MAX) this.#own.add(entryOrigin(entry));
    this.remove(entry);
  }

  remove(entry: NodeEntry): void {
    const node = this.find(entry);
    if (node === null) return;
    this.#list(node, false);
    this.#nodes.delete(entryOrigin(entry));
  }

  /** Those to ask whether they live: all that are listed, and of the others those whose wait is over. */
  due(nowUs: Micros): NodeEntry[] {
    const nodes = [...this.#nodes.values()];
    return nodes
      .filter(({ isListed, retryAtUs }) => isListed || retryAtUs <= nowUs)
      .map(({ entry }) => entry);
  }

  #list(node: KnownNode, isListed: boolean): void {
    if (node.isListed !== isListed) this.version += 1;
    node.isListed = isListed;
  }

  #enter(entry: NodeEntry): KnownNode | null {
    if (this.isOwn(entry) || !this.#makeRoom()) return null;
    const node: KnownNode = {
      entry,
      isListed: false,
      isProven: false,
      failureCount: 0,
      retryAtUs: 0,
      linkFailureCount: 0,
      linkRetryAtUs: 0,
    };
    this.#nodes.set(entryOrigin(entry), node);
    return node;
  }

  /** Who never answered gives way, those off the list first: inventing nodes must not keep real ones out. */
  #makeRoom(): boolean {
    if (this.#nodes.size < this.#settings.countMax) return true;
    const unproven = [...this.#nodes.values()].filter(({ isProven }) => !isProven);
    const victim = unproven.find(({ isListed }) => !isListed) ?? unproven[0];
    if (victim === undefined) return false;
    this.remove(victim.entry);
    return true;
  }
}

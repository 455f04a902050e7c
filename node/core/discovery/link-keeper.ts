import { MICROS_PER_SEC, type Micros } from "../support/micros.ts";
import type { Prng } from "../support/prng.ts";
import type { KnownNode, KnownNodes } from "./known-nodes.ts";
import { entryOfOrigin, entryOrigin, type NodeEntry } from "./node-entry.ts";
import { choosePeers } from "./peer-choice.ts";
import { ReplacementPace } from "./replacement-pace.ts";

/** How long a chosen node may take to link before another takes its place: a few tries to dial. */
export const DIAL_PATIENCE_US: Micros = 10 * MICROS_PER_SEC;

/** How long one whose link was lost may: long enough for a hiccup. A network that lost a third of its nodes cannot wait for them. */
export const LOST_PATIENCE_US: Micros = 3 * MICROS_PER_SEC;

/** Wait before a node that gave no link is chosen again; it doubles up to the longest. A node of another chain never gives one. */
const LINK_RETRY_US_MIN: Micros = 30 * MICROS_PER_SEC;
const LINK_RETRY_US_MAX: Micros = 3_600 * MICROS_PER_SEC;

/** How long a node that was slow is not chosen again: a download that was worth a replacement is mostly over by then. */
export const SLOW_RETRY_US: Micros = 60 * MICROS_PER_SEC;

/** Why a link is given up: it did not come about or was lost, another takes its turn, or its peer was slow with what all others waited for. */
export const RELEASE_REASONS = ["lost", "exchanged", "slow"] as const;

export type ReleaseReason = (typeof RELEASE_REASONS)[number];

export type LinkEffect =
  | { readonly type: "dial"; readonly entry: NodeEntry }
  | { readonly type: "release"; readonly entry: NodeEntry; readonly reason: ReleaseReason };

/** Links by one's own choice, at most, while slow peers are replaced that had opened theirs themselves: times the limit. */
const LIMIT_FACTOR_MAX = 2;

interface Chosen {
  readonly entry: NodeEntry;
  /** While the link is down: when another takes its place. Null while it is up. */
  giveUpAtUs: Micros | null;
}

/**
 * Which known nodes this node links with by its own choice. Links that others opened do not count towards the limit: otherwise whoever opens
 * enough of them decides alone what a node gets to hear.
 */
export class LinkKeeper {
  readonly #nodes: KnownNodes;
  readonly #limit: number;
  readonly #draws: Prng;
  readonly #chosen = new Map<string, Chosen>();
  readonly #pace = new ReplacementPace();

  constructor(nodes: KnownNodes, limit: number, draws: Prng) {
    this.#nodes = nodes;
    this.#limit = limit;
    this.#draws = draws;
  }

  /** Gives up who cannot be linked with, and chooses others up to the limit. `linked` are the origins of all links that are up. */
  tend(linked: ReadonlySet<string>, nowUs: Micros): LinkEffect[] {
    const effects = this.#giveUp(linked, nowUs);
    return [...effects, ...this.#dial(this.#limit - this.#chosen.size, linked, nowUs)];
  }

  /**
   * Exchanges one link that was chosen for another, if all are taken and there is another to choose. Two halves of a network that lost each other, and
   * in each of which everyone has links enough, grow together by this alone.
   */
  rotate(linked: ReadonlySet<string>, nowUs: Micros): LinkEffect[] {
    const up = [...this.#chosen.values()].filter(({ giveUpAtUs }) => giveUpAtUs === null);
    if (up.length === 0 || up.length < this.#limit || this.#candidates(linked, nowUs).length === 0) return [];
    const leaving = up[this.#draws.integer(up.length)];
    if (leaving === undefined) return [];
    const origin = entryOrigin(leaving.entry);
    this.#chosen.delete(origin);
    return this.#exchange(leaving.entry, "exchanged", this.#limit - this.#chosen.size, linked, nowUs);
  }

  /**
   * Gives up one of the slow peers for a node that is not linked: only if there is one, because a slow peer is better than none, only beside a peer
   * that is not slow, and not one after the other. Whoever opened the link: for one that the peer opened this node opens one beyond
   * its limit, which the next exchanges take back.
   */
  replaceSlow(slow: ReadonlySet<string>, linked: ReadonlySet<string>, nowUs: Micros): LinkEffect[] {
    const isServed = [...linked].some((origin) => !slow.has(origin));
    if (!isServed || !this.#pace.isTime(nowUs) || this.#candidates(linked, nowUs).length === 0) return [];
    const origin = [...slow].find(
      (each) => linked.has(each) && (this.#chosen.has(each) || this.#mayExceed()),
    );
    const leaving = origin === undefined ? null : entryOfOrigin(origin);
    if (origin === undefined || leaving === null) return [];
    this.#pace.replaced(nowUs);
    this.#chosen.delete(origin);
    const node = this.#nodes.find(leaving);
    if (node !== null) node.linkRetryAtUs = nowUs + SLOW_RETRY_US;
    return this.#exchange(leaving, "slow", Math.max(1, this.#limit - this.#chosen.size), linked, nowUs);
  }

  #mayExceed(): boolean {
    return this.#chosen.size < LIMIT_FACTOR_MAX * this.#limit;
  }

  /** The leaving node still counts as linked, so that it is not the one that is chosen instead. */
  #exchange(
    leaving: NodeEntry,
    reason: ReleaseReason,
    count: number,
    linked: ReadonlySet<string>,
    nowUs: Micros,
  ): LinkEffect[] {
    const held = new Set([...linked, entryOrigin(leaving)]);
    return [{ type: "release", entry: leaving, reason }, ...this.#dial(count, held, nowUs)];
  }

  #giveUp(linked: ReadonlySet<string>, nowUs: Micros): LinkEffect[] {
    const effects: LinkEffect[] = [];
    for (const [origin, chosen] of this.#chosen) {
      const node = this.#nodes.find(chosen.entry);
      if (linked.has(origin)) {
        chosen.giveUpAtUs = null;
        if (node !== null) node.linkFailureCount = 0;
        continue;
      }
      chosen.giveUpAtUs ??= nowUs + LOST_PATIENCE_US;
      if (node?.isListed && nowUs < chosen.giveUpAtUs) continue;
      this.#chosen.delete(origin);
      if (node !== null) putOff(node, nowUs);
      effects.push({ type: "release", entry: chosen.entry, reason: "lost" });
    }
    return effects;
  }

  /** Chooses so many more, if there are as many. */
  #dial(count: number, linked: ReadonlySet<string>, nowUs: Micros): LinkEffect[] {
    if (count <= 0) return [];
    const held = this.#nodes.listed.filter(
      (entry) => linked.has(entryOrigin(entry)) || this.#chosen.has(entryOrigin(entry)),
    );
    const picked = choosePeers(this.#candidates(linked, nowUs), held, count, this.#draws);
    const giveUpAtUs = nowUs + DIAL_PATIENCE_US;
    for (const entry of picked) this.#chosen.set(entryOrigin(entry), { entry, giveUpAtUs });
    return picked.map((entry) => ({ type: "dial", entry }));
  }

  /** Only who has answered here is dialled. */
  #candidates(linked: ReadonlySet<string>, nowUs: Micros): NodeEntry[] {
    return this.#nodes.listedNodes
      .filter(({ isProven, linkRetryAtUs }) => isProven && linkRetryAtUs <= nowUs)
      .map(({ entry }) => entry)
      .filter((entry) => !linked.has(entryOrigin(entry)) && !this.#chosen.has(entryOrigin(entry)));
  }
}

function putOff(node: KnownNode, nowUs: Micros): void {
  node.linkFailureCount += 1;
  node.linkRetryAtUs =
    nowUs + Math.min(LINK_RETRY_US_MAX, LINK_RETRY_US_MIN * 2 ** (node.linkFailureCount - 1));
}

import { MICROS_PER_SEC, type Micros } from "../support/micros.ts";
import type { Prng } from "../support/prng.ts";
import type { KnownNode, KnownNodes } from "./known-nodes.ts";
import { entryOrigin, type NodeEntry } from "./node-entry.ts";
import { choosePeers } from "./peer-choice.ts";

/** How long a chosen node may take to link before another takes its place: a few tries to dial. */
export const DIAL_PATIENCE_US: Micros = 10 * MICROS_PER_SEC;

/** How long one whose link was lost may: long enough for a hiccup. A network that lost a third of its nodes cannot wait for them. */
export const LOST_PATIENCE_US: Micros = 3 * MICROS_PER_SEC;

/** Wait before a node that gave no link is chosen again; it doubles up to the longest. A node of another chain never gives one. */
const LINK_RETRY_US_MIN: Micros = 30 * MICROS_PER_SEC;
const LINK_RETRY_US_MAX: Micros = 3_600 * MICROS_PER_SEC;

export type LinkEffect = { readonly type: "dial" | "release"; readonly entry: NodeEntry };

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

  constructor(nodes: KnownNodes, limit: number, draws: Prng) {
    this.#nodes = nodes;
    this.#limit = limit;
    this.#draws = draws;
  }

  /** Gives up who cannot be linked with, and chooses others up to the limit. `linked` are the origins of all links that are up. */
  tend(linked: ReadonlySet<string>, nowUs: Micros): LinkEffect[] {
    const effects = this.#giveUp(linked, nowUs);
    return [...effects, ...this.#fill(linked, nowUs)];
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
    // Still counted as linked, so that it is not the one that is chosen instead.
    return [{ type: "release", entry: leaving.entry }, ...this.#fill(new Set([...linked, origin]), nowUs)];
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
      effects.push({ type: "release", entry: chosen.entry });
    }
    return effects;
  }

  #fill(linked: ReadonlySet<string>, nowUs: Micros): LinkEffect[] {
    const missing = this.#limit - this.#chosen.size;
    if (missing <= 0) return [];
    const held = this.#nodes.listed.filter(
      (entry) => linked.has(entryOrigin(entry)) || this.#chosen.has(entryOrigin(entry)),
    );
    const picked = choosePeers(this.#candidates(linked, nowUs), held, missing, this.#draws);
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

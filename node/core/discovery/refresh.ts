import { invariant } from "../support/invariant.ts";
import type { Micros } from "../support/micros.ts";
import type { Prng } from "../support/prng.ts";
import type { KnownNodes } from "./known-nodes.ts";
import type { NodeEntry } from "./node-entry.ts";

/** Known nodes that are asked whom they know, in one refresh: each knows most of the others, so few suffice. */
export const ASKED_COUNT_MAX = 8;

/** New nodes taken over from one answer: what a single liar can make this node call in one refresh. */
export const HEARD_COUNT_MAX = 64;

/** What can be asked. */
export const ASK_KINDS = ["check", "introduce", "nodes"] as const;

/**
 * One request to one node or registry. `check`: does it live; `introduce`: here am I; `nodes`: whom do you know. Asks are told apart by identity:
 * each is answered once.
 */
export interface Ask {
  readonly kind: (typeof ASK_KINDS)[number];
  readonly target: NodeEntry;
}

/** `self`: what answered is this very node, under another address. `nodes` are decoded, in any order, and may hold anything. */
export type Answer =
  | { readonly kind: "alive" }
  | { readonly kind: "self" }
  | { readonly kind: "nodes"; readonly nodes: readonly NodeEntry[] }
  | { readonly kind: "failed"; readonly reason: string };

export interface RefreshSettings {
  /** Null: there is none to ask. */
  readonly registry: NodeEntry | null;
  /** It introduces itself to the registry: a registry, which may ask another one, is no node and does not. */
  readonly isNode: boolean;
  /** As many known nodes are enough to leave out the later steps. */
  readonly knownEnough: number;
  /** No step is left out. */
  readonly isFull: boolean;
  readonly draws: Prng;
}

type Step = "check-known" | "ask-known" | "check-heard" | "ask-registry" | "check-told";

const NEXT_STEP: Readonly<Record<Step, Step | null>> = {
  "check-known": "ask-known",
  "ask-known": "check-heard",
  "check-heard": "ask-registry",
  "ask-registry": "check-told",
  "check-told": null,
};

/**
 * One refresh of the known nodes, in three steps: drop those that do not answer; take over whom the others know; ask the registry. What the second
 * and third bring is asked as well before it counts. `start` and `answer` return what to ask next; the refresh is over when
 * nothing is open.
 */
export class Refresh {
  #step: Step = "check-known";
  readonly #nodes: KnownNodes;
  readonly #settings: RefreshSettings;
  readonly #open = new Set<Ask>();
  /** Whom this refresh has asked whether they live: once is enough. */
  readonly #checked = new Set<string>();

  constructor(nodes: KnownNodes, settings: RefreshSettings) {
    this.#nodes = nodes;
    this.#settings = settings;
  }

  get isOver(): boolean {
    return this.#open.size === 0;
  }

  start(nowUs: Micros): Ask[] {
    return this.#enter("check-known", nowUs);
  }

  answer(ask: Ask, answer: Answer, nowUs: Micros): Ask[] {
    invariant(this.#open.delete(ask), `an answer to ${ask.kind}, which was not open`);
    const more = this.#take(ask, answer, nowUs);
    for (const next of more) this.#open.add(next);
    if (this.#open.size > 0) return more;
    const step = this.#nextStep();
    return step === null ? [] : this.#enter(step, nowUs);
  }

  #take({ kind, target }: Ask, answer: Answer, nowUs: Micros): Ask[] {
    if (kind === "check") {
      if (answer.kind === "self") this.#nodes.addOwn(target);
      else if (answer.kind === "failed") this.#nodes.failed(target, nowUs);
      else this.#nodes.answered(target);
    }
    // Registered before asking for the list: two nodes that start at one moment then find each other whoever is first.
    if (kind === "introduce" && answer.kind === "alive") return [{ kind: "nodes", target }];
    if (kind === "nodes" && answer.kind === "nodes") this.#hear(answer.nodes, nowUs);
    return [];
  }

  /** A random part of a long list, so that a bound here does not cut the same nodes off everywhere. */
  #hear(nodes: readonly NodeEntry[], nowUs: Micros): void {
    let heardCount = 0;
    for (const entry of this.#settings.draws.shuffle([...nodes])) {
      if (heardCount >= HEARD_COUNT_MAX) return;
      if (this.#nodes.hear(entry, nowUs)) heardCount += 1;
    }
  }

  /** Enters a step, or the first after it that has anything to ask. */
  #enter(from: Step, nowUs: Micros): Ask[] {
    for (let step: Step | null = from; step !== null; step = this.#nextStep()) {
      this.#step = step;
      const asks = this.#asks(step, nowUs);
      if (asks.length === 0) continue;
      for (const ask of asks) this.#open.add(ask);
      return asks;
    }
    return [];
  }

  #nextStep(): Step | null {
    const isEnough = this.#nodes.listedNodes.length >= this.#settings.knownEnough;
    // What was taken over is looked at even so: it stands in the list of those to try.
    const mayEnd = this.#step === "check-known" || this.#step === "check-heard";
    return mayEnd && isEnough && !this.#settings.isFull ? null : NEXT_STEP[this.#step];
  }

  #asks(step: Step, nowUs: Micros): Ask[] {
    const { registry, isNode, draws } = this.#settings;
    if (step === "ask-registry")
      return registry === null ? [] : [{ kind: isNode ? "introduce" : "nodes", target: registry }];
    if (step === "ask-known") {
      const chosen = draws.shuffle(this.#nodes.listed).slice(0, ASKED_COUNT_MAX);
      return chosen.map((target) => ({ kind: "nodes", target }));
    }
    const due = this.#nodes.due(nowUs).filter(({ ip_address, port }) => {
      const key = `${ip_address} ${port}`;
      if (this.#checked.has(key)) return false;
      this.#checked.add(key);
      return true;
    });
    return due.map((target) => ({ kind: "check", target }));
  }
}

import type { Hex } from "../chain/types.ts";
import type { BlockTree } from "../state/block-tree.ts";
import { makeTransactionNames } from "../state/messages.ts";
import type { Micros } from "../support/micros.ts";
import { isUp } from "./link-masks.ts";
import type { LinkIndex, NodePort } from "./node-port.ts";
import { talkOf, type ViewState, type Wanted, type WantedTransactions } from "./view-state.ts";
import type { Wakes } from "./wakes.ts";

/** How long a peer may take to send a transaction that it announced before another is asked. */
export const TRANSACTION_TIMEOUT_US: Micros = 5_000_000;

/** Transactions of one request and of one answer, at most: what a peer can make a node verify at one go is 0.1 s of signatures. */
export const TRANSACTIONS_COUNT_MAX = 1_000;

/** Transactions asked of one peer and not come, at most: what it announces beyond them is not noted, so a liar takes up that much room. */
export const WANTED_PER_LINK_MAX = 2_000;

/** Peers that are remembered to have a transaction beside the one that was asked. */
const ALTERNATIVE_COUNT_MAX = 3;

/** What views have asked their peers for: each transaction of one peer at a time, the first that announced it. */
export class TransactionWants {
  readonly #tree: BlockTree;
  readonly #port: NodePort;
  readonly #wakes: Wakes;

  constructor(tree: BlockTree, port: NodePort, wakes: Wakes) {
    this.#tree = tree;
    this.#port = port;
    this.#wakes = wakes;
  }

  /** A peer has these, and this view has not. */
  want(state: ViewState, link: LinkIndex, ids: readonly Hex[], nowUs: Micros): void {
    const talk = talkOf(state);
    talk.wanted ??= { byId: new Map(), countOf: new Map() };
    const { byId, countOf } = talk.wanted;
    const asked: Hex[] = [];
    for (const id of ids) {
      const wanted = byId.get(id);
      if (wanted !== undefined) noteOther(wanted, link);
      else if ((countOf.get(link) ?? 0) < WANTED_PER_LINK_MAX) {
        enter(talk.wanted, id, { link, deadlineUs: nowUs + TRANSACTION_TIMEOUT_US, others: [] });
        asked.push(id);
      }
    }
    this.#ask(state, link, asked, nowUs);
  }

  /** It came. The links whose peers are known to have it. */
  arrived(state: ViewState, id: Hex): readonly LinkIndex[] {
    const all = state.talk?.wanted ?? null;
    const wanted = all?.byId.get(id);
    if (all === null || wanted === undefined) return [];
    remove(all, id, wanted);
    this.#forgetIfNone(state);
    return [wanted.link, ...wanted.others];
  }

  /** The link is gone: asks others for what its peer was asked for. */
  linkDown(state: ViewState, link: LinkIndex, nowUs: Micros): void {
    this.#askOthers(state, (wanted) => wanted.link === link, nowUs);
  }

  /** The link is there again: what was asked through a cut is lost, and its peer tells again what it has. */
  linkUp(state: ViewState, link: LinkIndex): void {
    const all = state.talk?.wanted ?? null;
    if (all === null) return;
    for (const [id, wanted] of [...all.byId]) if (wanted.link === link) remove(all, id, wanted);
    this.#forgetIfNone(state);
  }

  /** Asks others for what has not come in time. */
  wake(state: ViewState, nowUs: Micros): void {
    this.#askOthers(state, ({ deadlineUs }) => deadlineUs <= nowUs, nowUs);
    const [first] = state.talk?.wanted?.byId.values() ?? [];
    if (first !== undefined) this.#wakes.atLatest(state.view, first.deadlineUs);
  }

  /** What nobody else has announced is forgotten: it comes with a block, or when it is announced again. */
  #askOthers(state: ViewState, isLost: (wanted: Wanted) => boolean, nowUs: Micros): void {
    const all = state.talk?.wanted ?? null;
    if (all === null) return;
    const askedOf = new Map<LinkIndex, Hex[]>();
    for (const [id, wanted] of [...all.byId]) {
      if (!isLost(wanted)) continue;
      remove(all, id, wanted);
      const [next, ...others] = wanted.others.filter((link) => isUp(this.#tree, state.view, link));
      if (next === undefined) continue;
      enter(all, id, { link: next, deadlineUs: nowUs + TRANSACTION_TIMEOUT_US, others });
      const ids = askedOf.get(next) ?? [];
      ids.push(id);
      askedOf.set(next, ids);
    }
    for (const [link, ids] of askedOf) this.#ask(state, link, ids, nowUs);
    this.#forgetIfNone(state);
  }

  #ask(state: ViewState, link: LinkIndex, ids: readonly Hex[], nowUs: Micros): void {
    for (let first = 0; first < ids.length; first += TRANSACTIONS_COUNT_MAX) {
      const some = ids.slice(first, first + TRANSACTIONS_COUNT_MAX);
      this.#port.send(state.view, link, makeTransactionNames("request-transactions", some));
    }
    if (ids.length > 0) this.#wakes.atLatest(state.view, nowUs + TRANSACTION_TIMEOUT_US);
  }

  #forgetIfNone(state: ViewState): void {
    if (state.talk?.wanted?.byId.size !== 0) return;
    state.talk.wanted = null;
    this.#wakes.answered(state);
  }
}

function enter({ byId, countOf }: WantedTransactions, id: Hex, wanted: Wanted): void {
  byId.set(id, wanted);
  countOf.set(wanted.link, (countOf.get(wanted.link) ?? 0) + 1);
}

function remove({ byId, countOf }: WantedTransactions, id: Hex, { link }: Wanted): void {
  byId.delete(id);
  countOf.set(link, (countOf.get(link) ?? 0) - 1);
}

function noteOther({ link: asked, others }: Wanted, link: LinkIndex): void {
  if (link !== asked && others.length < ALTERNATIVE_COUNT_MAX && !others.includes(link)) others.push(link);
}

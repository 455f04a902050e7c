import type { TransactionFacts } from "../chain/transaction-facts.ts";
import type { Hex } from "../chain/types.ts";
import type { BlockTree } from "../state/block-tree.ts";
import { makeTransactionNames } from "../state/messages.ts";
import type { Micros } from "../support/micros.ts";
import { isUp } from "./link-masks.ts";
import type { LinkIndex, NodePort } from "./node-port.ts";
import { type TransactionTalk, talkOf, type Untold, type ViewState } from "./view-state.ts";
import type { Wakes } from "./wakes.ts";

/**
 * How long the first news waits for others before all are told in one message. Each hop of a transaction takes half of it more, on the
 * average; without it every transaction costs a message on every link, which is most of what a small network does.
 * Bitcoin Core waits for 2 s on the average (OUTBOUND_INVENTORY_BROADCAST_INTERVAL), where blocks are 600 s apart.
 */
export const TELL_INTERVAL_US: Micros = 500_000;

/** Ids of one announcement, at most: 64 kB. When so many have gathered they are told at once. */
export const ANNOUNCED_COUNT_MAX = 2_000;

/** What views tell their peers of transactions: ids, many at a time. Who has said that it has one is not told of it. */
export class TransactionNews {
  readonly #tree: BlockTree;
  readonly #port: NodePort;
  readonly #wakes: Wakes;

  constructor(tree: BlockTree, port: NodePort, wakes: Wakes) {
    this.#tree = tree;
    this.#port = port;
    this.#wakes = wakes;
  }

  /** To be told of, to all but these. */
  add(state: ViewState, facts: TransactionFacts, knowers: Iterable<LinkIndex>, nowUs: Micros): void {
    const talk = talkOf(state);
    talk.untold ??= { tellAtUs: nowUs + TELL_INTERVAL_US, knowers: new Map() };
    const { tellAtUs, knowers: all } = talk.untold;
    all.set(facts.id, new Set(knowers));
    if (all.size === ANNOUNCED_COUNT_MAX) this.#tell(state, talk, talk.untold);
    else if (all.size === 1) this.#wakes.atLatest(state.view, tellAtUs);
  }

  /** The peer has it: nothing to tell it of. */
  heardFrom(state: ViewState, id: Hex, link: LinkIndex): void {
    state.talk?.untold?.knowers.get(id)?.add(link);
  }

  wake(state: ViewState, nowUs: Micros): void {
    const { talk } = state;
    if (talk === null || talk.untold === null) return;
    if (talk.untold.tellAtUs > nowUs) this.#wakes.atLatest(state.view, talk.untold.tellAtUs);
    else this.#tell(state, talk, talk.untold);
  }

  /** Tells a new peer the oldest of what waits here; beyond a message's worth it travels with the blocks. */
  greet(state: ViewState, link: LinkIndex): void {
    if (state.mempool.count === 0) return;
    const ids: Hex[] = [];
    for (const { id } of state.mempool.tellable(this.#tree.ledgerAfter(state.tip))) {
      this.heardFrom(state, id, link);
      ids.push(id);
      if (ids.length === ANNOUNCED_COUNT_MAX) break;
    }
    if (ids.length > 0) this.#port.send(state.view, link, makeTransactionNames("announce-transactions", ids));
  }

  #tell(state: ViewState, talk: TransactionTalk, { knowers }: Untold): void {
    talk.untold = null;
    // What a block or a better fee has taken away meanwhile could not be sent.
    const waiting = [...knowers].filter(([id]) => state.mempool.has(id));
    for (let link = 0; link < this.#tree.columns.maskWords * 32; link++) {
      if (!isUp(this.#tree, state.view, link)) continue;
      const ids = waiting.filter(([, links]) => !links.has(link)).map(([id]) => id);
      if (ids.length > 0)
        this.#port.send(state.view, link, makeTransactionNames("announce-transactions", ids));
    }
  }
}

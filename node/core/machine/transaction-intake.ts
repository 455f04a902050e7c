import type { TransactionFacts } from "../chain/transaction-facts.ts";
import type { Hex } from "../chain/types.ts";
import type { Violation } from "../rules/violation.ts";
import type { BlockTree } from "../state/block-tree.ts";
import type { Released } from "../state/mempool-account.ts";
import type { Micros } from "../support/micros.ts";
import type { LinkIndex, NodePort } from "../sync/node-port.ts";
import { pushTransactions, type RelayMode, sendOldest, sendTransactions } from "../sync/relay.ts";
import { TransactionNews } from "../sync/transaction-news.ts";
import { TransactionWants } from "../sync/transaction-wants.ts";
import { talkOf, type ViewState } from "../sync/view-state.ts";
import type { Wakes } from "../sync/wakes.ts";
import type { BestChain } from "./best-chain.ts";

/** Refused transactions that a view remembers, so that not every peer that has one is asked for it. The oldest are forgotten first. */
const REFUSED_COUNT_MAX = 1_000;

/** Transactions on their way into a view's mempool and from there to its peers. */
export class TransactionIntake {
  readonly #tree: BlockTree;
  readonly #port: NodePort;
  readonly #chain: BestChain;
  readonly #relay: RelayMode;
  readonly #news: TransactionNews;
  readonly #wants: TransactionWants;

  constructor(tree: BlockTree, port: NodePort, chain: BestChain, relay: RelayMode, wakes: Wakes) {
    this.#tree = tree;
    this.#port = port;
    this.#chain = chain;
    this.#relay = relay;
    this.#news = new TransactionNews(tree, port, wakes);
    this.#wants = new TransactionWants(tree, port, wakes);
  }

  /** From outside the network; null, or why it is not taken. */
  submit(state: ViewState, facts: TransactionFacts, nowUs: Micros): Violation | null {
    const violation = this.#admit(state, facts, [], nowUs);
    if (violation === null) this.spread(state, this.#released(state, facts, nowUs), nowUs);
    return violation;
  }

  /** Tells peers of what is held back no longer; nothing for nothing. */
  spread(state: ViewState, released: readonly Released[], nowUs: Micros): void {
    if (released.length === 0) return;
    if (this.#relay === "push") pushTransactions(this.#tree, state.view, released, this.#port);
    else for (const { facts, knowers } of released) this.#news.add(state, facts, knowers, nowUs);
  }

  onAnnounced(state: ViewState, link: LinkIndex, ids: readonly Hex[], nowUs: Micros): void {
    const unknown: Hex[] = [];
    for (const id of ids) {
      if (state.mempool.has(id)) this.#heardFrom(state, id, link);
      else if (!this.#isRefused(state, id)) unknown.push(id);
    }
    if (unknown.length > 0) this.#wants.want(state, link, unknown, nowUs);
  }

  /** Sends what still waits; of the rest the peer learns by a block, or asks others. */
  onRequested(state: ViewState, link: LinkIndex, ids: readonly Hex[]): void {
    const waiting = ids.map((id) => state.mempool.get(id)).filter((facts) => facts !== null);
    sendTransactions(waiting, state.view, link, this.#port);
  }

  /** Whether they were asked for or not: a peer may push. */
  onTransactions(state: ViewState, link: LinkIndex, batch: readonly TransactionFacts[], nowUs: Micros): void {
    const released: Released[] = [];
    for (const facts of batch) {
      const knowers = this.#wants.arrived(state, facts.id);
      const violation = this.#admit(state, facts, [link, ...knowers], nowUs);
      if (violation === null) {
        released.push(...this.#released(state, facts, nowUs));
      } else if (violation.code === "bad-signature" || violation.code === "bad-payload") {
        // Broken on any ledger, so nobody who checks what it passes on would send it.
        this.#port.disconnect(state.view, link, violation.code);
        break;
      } else if (violation.code === "already-known") {
        this.#heardFrom(state, facts.id, link);
      } else {
        this.#refuse(state, facts.id);
      }
    }
    this.spread(state, released, nowUs);
  }

  /** A link is there, new or again: what waits here may be news there. */
  linkUp(state: ViewState, link: LinkIndex): void {
    this.#wants.linkUp(state, link);
    if (this.#relay !== "push") this.#news.greet(state, link);
    else if (state.mempool.count > 0)
      sendOldest(state.mempool.tellable(this.#tree.ledgerAfter(state.tip)), state.view, link, this.#port);
  }

  linkDown(state: ViewState, link: LinkIndex, nowUs: Micros): void {
    this.#wants.linkDown(state, link, nowUs);
  }

  wake(state: ViewState, nowUs: Micros): void {
    this.#news.wake(state, nowUs);
    this.#wants.wake(state, nowUs);
  }

  #admit(
    state: ViewState,
    facts: TransactionFacts,
    knowers: readonly LinkIndex[],
    nowUs: Micros,
  ): Violation | null {
    return this.#chain.ownMempool(state).add(facts, this.#tree.ledgerAfter(state.tip), nowUs, knowers);
  }

  /** Of what peers may be told because this was taken. */
  #released(state: ViewState, facts: TransactionFacts, nowUs: Micros): readonly Released[] {
    return state.mempool.release(facts, this.#tree.ledgerAfter(state.tip), nowUs);
  }

  #heardFrom(state: ViewState, id: Hex, link: LinkIndex): void {
    state.mempool.heardFrom(id, link);
    this.#news.heardFrom(state, id, link);
  }

  #isRefused({ talk, tip }: ViewState, id: Hex): boolean {
    return talk !== null && talk.refusedAt === tip && talk.refused.has(id);
  }

  #refuse(state: ViewState, id: Hex): void {
    const talk = talkOf(state);
    // Another tip may have made room or coins.
    if (talk.refusedAt !== state.tip) talk.refused.clear();
    talk.refusedAt = state.tip;
    talk.refused.add(id);
    const [oldest] = talk.refused;
    if (talk.refused.size > REFUSED_COUNT_MAX && oldest !== undefined) talk.refused.delete(oldest);
  }
}

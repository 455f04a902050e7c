import type { TransactionFacts } from "../chain/transaction-facts.ts";
import { HELD, REFUSED, REQUESTED, UNKNOWN } from "../state/belief-columns.ts";
import type { BlockEntry } from "../state/block-entry.ts";
import type { BlockTree } from "../state/block-tree.ts";
import { fillSlots, ShortIds } from "../state/compact-block.ts";
import {
  type CompactMessage,
  type MissingMessage,
  makeBlockMessage,
  makeMissing,
  makeRequestMissing,
  type RequestMissingMessage,
} from "../state/messages.ts";
import type { Micros } from "../support/micros.ts";
import type { BlockDownload } from "../sync/block-download.ts";
import { learnKnown } from "../sync/link-masks.ts";
import type { LinkIndex, NodePort } from "../sync/node-port.ts";
import { talkOf, type ViewState } from "../sync/view-state.ts";
import type { HeaderIntake } from "./header-intake.ts";
import type { Refusals } from "./refusals.ts";

/** Blocks of which a view waits for the missing transactions, at most; further ones are fetched whole. Source: Bitcoin Core, MAX_CMPCTBLOCKS_INFLIGHT_PER_BLOCK, times a few blocks. */
export const PARTIAL_COUNT_MAX = 16;

/** What the intake has when a body is whole: it goes on as if the peer had sent it. */
type OnBody = (state: ViewState, link: LinkIndex, block: BlockEntry, nowUs: Micros) => void;

/**
 * Blocks that come as header and short ids: filled from the mempool, the rest asked for. What cannot be put together so that the header commits to it
 * is fetched whole, and nobody is to blame: two transactions may have one short id. Source: BIP 152.
 */
export class CompactIntake {
  readonly #tree: BlockTree;
  readonly #port: NodePort;
  readonly #headers: HeaderIntake;
  readonly #download: BlockDownload;
  readonly #refusals: Refusals;
  readonly #onBody: OnBody;

  constructor(
    tree: BlockTree,
    port: NodePort,
    headers: HeaderIntake,
    download: BlockDownload,
    refusals: Refusals,
    onBody: OnBody,
  ) {
    this.#tree = tree;
    this.#port = port;
    this.#headers = headers;
    this.#download = download;
    this.#refusals = refusals;
    this.#onBody = onBody;
  }

  onCompact(state: ViewState, link: LinkIndex, message: CompactMessage, nowUs: Micros): void {
    const { block } = message;
    learnKnown(this.#tree, block, state.view, link);
    const status = block.beliefs.status[state.view] as number;
    if (status >= REQUESTED) {
      if (status === REFUSED) this.#refusals.refuseAgain(state, block, link, nowUs);
      return;
    }
    if (status === UNKNOWN && !this.#headers.learn(state, link, block, nowUs)) return;
    if (!this.#headers.isWorthBody(state, block)) return;
    const slots = block.parent?.beliefs.status[state.view] === HELD ? this.#fill(state, message) : null;
    const whole = slots === null ? null : wholeOf(slots);
    if (slots !== null && whole === null && this.#hasRoom(state)) {
      const positions = slots.flatMap((facts, position) => (facts === null ? [position] : []));
      const isAsked = this.#download.announced(
        state,
        block,
        link,
        nowUs,
        makeRequestMissing(block, positions),
      );
      if (isAsked) this.#keep(state, block, slots);
    } else if (whole !== null && this.#attach(block, whole)) this.#onBody(state, link, block, nowUs);
    else this.#download.announced(state, block, link, nowUs);
  }

  onRequestMissing(state: ViewState, link: LinkIndex, { block, positions }: RequestMissingMessage): void {
    const { transactions } = block;
    const asked = transactions === null ? [] : positions.flatMap((position) => transactions[position] ?? []);
    const isAscending = positions.every(
      (position, index) => index === 0 || position > (positions[index - 1] as number),
    );
    if (block.beliefs.status[state.view] !== HELD || asked.length < positions.length || !isAscending) {
      this.#port.send(state.view, link, makeBlockMessage("not-found", block, 0));
      return;
    }
    learnKnown(this.#tree, block, state.view, link);
    this.#port.send(state.view, link, makeMissing(block, asked));
  }

  onMissing(state: ViewState, link: LinkIndex, { block, transactions }: MissingMessage, nowUs: Micros): void {
    const slots = state.talk?.partials.get(block);
    // What nobody waits for, because a body came meanwhile, or was never asked for.
    if (slots === undefined || !this.#download.isAskedOf(state, block, link)) return;
    state.talk?.partials.delete(block);
    const rest = transactions.values();
    const whole = wholeOf(slots.map((facts) => facts ?? rest.next().value ?? null));
    if (whole !== null && rest.next().done === true && this.#attach(block, whole))
      this.#onBody(state, link, block, nowUs);
    else this.#download.fetchWhole(state, block, nowUs);
  }

  #fill(
    state: ViewState,
    { block, shortIds, prefilled }: CompactMessage,
  ): (TransactionFacts | null)[] | null {
    const keyed = new ShortIds(block.hash);
    return fillSlots(shortIds, prefilled, state.mempool.inOrderOfArrival(), (id) => keyed.of(id));
  }

  /** Whether these are the transactions that the header commits to. Where the tree has the body from another view, they must be the same. */
  #attach(block: BlockEntry, transactions: readonly TransactionFacts[]): boolean {
    if (block.transactions === null) return this.#tree.attachBody(block, transactions) === null;
    return (
      block.transactions.length === transactions.length &&
      block.transactions.every(({ id }, index) => id === transactions[index]?.id)
    );
  }

  #hasRoom({ talk, view }: ViewState): boolean {
    if (talk === null || talk.partials.size < PARTIAL_COUNT_MAX) return true;
    for (const block of talk.partials.keys())
      if (block.beliefs.status[view] !== REQUESTED) talk.partials.delete(block);
    return talk.partials.size < PARTIAL_COUNT_MAX;
  }

  #keep(state: ViewState, block: BlockEntry, slots: (TransactionFacts | null)[]): void {
    talkOf(state).partials.set(block, slots);
  }
}

/** All of them, or null while one is lacking. */
function wholeOf(slots: readonly (TransactionFacts | null)[]): TransactionFacts[] | null {
  const whole = slots.filter((facts) => facts !== null);
  return whole.length === slots.length ? whole : null;
}

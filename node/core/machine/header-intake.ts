import { checkFuture } from "../rules/check-header.ts";
import { ANNOUNCED, REFUSED, UNKNOWN } from "../state/belief-columns.ts";
import type { BlockEntry } from "../state/block-entry.ts";
import type { BlockTree } from "../state/block-tree.ts";
import { isBetter } from "../state/fork-choice.ts";
import { makeGetHeaders } from "../state/messages.ts";
import { type Micros, toWholeMs } from "../support/micros.ts";
import type { BlockDownload } from "../sync/block-download.ts";
import type { HeaderQuestions } from "../sync/header-questions.ts";
import { ANSWER_COUNT_MAX, HEADERS_COUNT_MAX, locatorFrom } from "../sync/header-sync.ts";
import { isKnownToAny, learnKnown } from "../sync/link-masks.ts";
import type { LinkIndex, NodePort } from "../sync/node-port.ts";
import { NO_LINKS, type ViewState } from "../sync/view-state.ts";
import type { Refusals } from "./refusals.ts";

/** What a view does with headers: it learns them, asks for those that lead to them, and has the bodies fetched of those that are worth it. */
export class HeaderIntake {
  readonly #tree: BlockTree;
  readonly #port: NodePort;
  readonly #download: BlockDownload;
  readonly #refusals: Refusals;
  readonly #questions: HeaderQuestions;
  /** See `HeaderBounds`. */
  readonly #aheadMax: number;

  constructor(
    tree: BlockTree,
    port: NodePort,
    download: BlockDownload,
    refusals: Refusals,
    questions: HeaderQuestions,
    aheadMax: number,
  ) {
    this.#tree = tree;
    this.#port = port;
    this.#download = download;
    this.#refusals = refusals;
    this.#questions = questions;
    this.#aheadMax = aheadMax;
  }

  onAnnounce(state: ViewState, link: LinkIndex, block: BlockEntry, nowUs: Micros): void {
    learnKnown(this.#tree, block, state.view, link);
    const status = this.#status(state, block);
    if (status > ANNOUNCED) {
      if (status === REFUSED) this.#refusals.refuseAgain(state, block, link, nowUs);
      return;
    }
    if (status === UNKNOWN && !this.learn(state, link, block, nowUs)) return;
    if (this.isWorthBody(state, block)) this.#download.announced(state, block, link, nowUs);
  }

  onHeaders(state: ViewState, link: LinkIndex, blocks: readonly BlockEntry[], nowUs: Micros): void {
    let last: BlockEntry | null = null;
    for (const block of blocks) {
      learnKnown(this.#tree, block, state.view, link);
      const status = this.#status(state, block);
      if (status === REFUSED) this.#refusals.refuseAgain(state, block, link, nowUs);
      if (status === REFUSED || (status === UNKNOWN && !this.learn(state, link, block, nowUs))) break;
      last = block;
    }
    // No answer to the question if nothing of it connects: the question stays open, or such answers would be asked for without end.
    if (last === null && blocks.length > 0) return;
    this.#questions.answered(state, link);
    if (last === null) return;
    if (this.#status(state, last) === ANNOUNCED && this.isWorthBody(state, last))
      this.#download.announced(state, last, link, nowUs);
    if (last !== blocks[HEADERS_COUNT_MAX - 1]) return;
    if (this.#isFarAhead(state, last)) this.#putOff(state, link);
    else this.#questions.ask(state, link, last, nowUs);
  }

  /** To be called when bodies came: whether it is time for the headers that were put off. */
  askForPutOff(state: ViewState, nowUs: Micros): void {
    if (state.putOff.size === 0 || this.#isFarAhead(state, state.target)) return;
    const links = [...state.putOff];
    state.putOff.clear();
    for (const link of links) this.#questions.ask(state, link, this.#highest(state), nowUs);
  }

  /** What a link that is gone, or new, had promised. */
  forgetPutOff(state: ViewState, link: LinkIndex): void {
    if (state.putOff.size > 0) state.putOff.delete(link);
  }

  /** Marks an unknown header as announced, or says why it is not: unlinked (then its ancestors are asked for), broken, too new. */
  learn(state: ViewState, link: LinkIndex, block: BlockEntry, nowUs: Micros): boolean {
    if (block.isForgotten) return false;
    const parentStatus = block.parent === null ? UNKNOWN : this.#status(state, block.parent);
    if (parentStatus === UNKNOWN && !this.#isFarAhead(state, this.#highest(state))) {
      this.#questions.ask(state, link, this.#highest(state), nowUs);
      return false;
    }
    if (parentStatus === UNKNOWN || this.#isFarAhead(state, block, ANSWER_COUNT_MAX)) {
      this.#putOff(state, link);
      return false;
    }
    if (parentStatus === REFUSED) {
      this.#refusals.refuseChild(state, block, link, nowUs);
      return false;
    }
    const violation = checkFuture(block.header, toWholeMs(nowUs), this.#tree.parameters);
    if (violation !== null) {
      this.#refusals.refuse(state, block, violation, link, nowUs);
      return false;
    }
    block.beliefs.status[state.view] = ANNOUNCED;
    return true;
  }

  /** A branch with less work is worth its header, not its body; equal work is worth having, should it win. */
  isWorthBody(state: ViewState, block: BlockEntry): boolean {
    return block.chainWork >= state.tip.chainWork;
  }

  /** An aim was given up: the best of what peers hold and was passed over for it is the next. */
  aimAgain(state: ViewState, nowUs: Micros): void {
    let best = state.tip;
    for (const block of this.#tree.unsettled) {
      if (this.#status(state, block) !== ANNOUNCED || block.chainWork < best.chainWork) continue;
      // Of equals the one with the smaller hash: the order of a tree depends on how many views share it.
      if (block.chainWork === best.chainWork && (best === state.tip || block.hash > best.hash)) continue;
      if (isKnownToAny(this.#tree, block, state.view)) best = block;
    }
    if (best !== state.tip) this.#download.resume(state, best, nowUs);
  }

  /**
   * Asks whether the peer has anything beyond what is held here, though it has announced nothing. What is only known may be what the
   * peer has: it would say that nothing follows, and nobody would hear that its bodies can be had there.
   */
  askForNews(state: ViewState, link: LinkIndex): void {
    this.#port.send(state.view, link, makeGetHeaders(locatorFrom(state.tip)));
  }

  /** `slack`: what comes in the answer that crosses the limit is not thrown away. */
  #isFarAhead({ tip }: ViewState, block: BlockEntry, slack = 0): boolean {
    return block.header.height - tip.header.height > this.#aheadMax + slack;
  }

  #putOff(state: ViewState, link: LinkIndex): void {
    if (state.putOff === NO_LINKS) state.putOff = new Set();
    state.putOff.add(link);
  }

  #highest(state: ViewState): BlockEntry {
    const { target } = state;
    return isBetter(target, state.tip) ? target : state.tip;
  }

  #status(state: ViewState, block: BlockEntry): number {
    return block.beliefs.status[state.view] as number;
  }
}

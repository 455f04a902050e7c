import { checkFuture } from "../rules/check-header.ts";
import { ANNOUNCED, REFUSED, UNKNOWN } from "../state/belief-columns.ts";
import type { BlockEntry } from "../state/block-entry.ts";
import type { BlockTree } from "../state/block-tree.ts";
import { isBetter } from "../state/fork-choice.ts";
import { makeGetHeaders } from "../state/messages.ts";
import { type Micros, toWholeMs } from "../support/micros.ts";
import type { BlockDownload } from "../sync/block-download.ts";
import { HEADERS_COUNT_MAX, HeaderQuestions, locatorFrom } from "../sync/header-sync.ts";
import { isKnownToAny, learnKnown } from "../sync/link-masks.ts";
import type { LinkIndex, NodePort } from "../sync/node-port.ts";
import type { BestChain } from "./best-chain.ts";
import type { Refusals } from "./refusals.ts";

/** What one view does with headers: it learns them, asks for those that lead to them, and has the bodies fetched of those that are worth it. */
export class HeaderIntake {
  readonly #tree: BlockTree;
  readonly #view: number;
  readonly #port: NodePort;
  readonly #chain: BestChain;
  readonly #download: BlockDownload;
  readonly #refusals: Refusals;
  readonly #questions = new HeaderQuestions();

  constructor(
    tree: BlockTree,
    view: number,
    port: NodePort,
    chain: BestChain,
    download: BlockDownload,
    refusals: Refusals,
  ) {
    this.#tree = tree;
    this.#view = view;
    this.#port = port;
    this.#chain = chain;
    this.#download = download;
    this.#refusals = refusals;
  }

  onAnnounce(link: LinkIndex, block: BlockEntry, nowUs: Micros): void {
    learnKnown(this.#tree, block, this.#view, link);
    const status = this.#status(block);
    if (status > ANNOUNCED) {
      if (status === REFUSED) this.#refusals.refuseAgain(block, link, nowUs);
      return;
    }
    if (status === UNKNOWN && !this.learn(link, block, nowUs)) return;
    if (this.isWorthBody(block)) this.#download.announced(block, link, nowUs);
  }

  onHeaders(link: LinkIndex, blocks: readonly BlockEntry[], nowUs: Micros): void {
    let last: BlockEntry | null = null;
    for (const block of blocks) {
      learnKnown(this.#tree, block, this.#view, link);
      const status = this.#status(block);
      if (status === REFUSED) this.#refusals.refuseAgain(block, link, nowUs);
      if (status === REFUSED || (status === UNKNOWN && !this.learn(link, block, nowUs))) break;
      last = block;
    }
    // No answer to the question if nothing of it connects: the question stays open, or such answers would be asked for without end.
    if (last === null && blocks.length > 0) return;
    this.#questions.answered(link);
    if (last === null) return;
    if (this.#status(last) === ANNOUNCED && this.isWorthBody(last))
      this.#download.announced(last, link, nowUs);
    if (last === blocks[HEADERS_COUNT_MAX - 1]) this.#ask(link, last, nowUs);
  }

  /** Marks an unknown header as announced, or says why it is not: unlinked (then its ancestors are asked for), broken, too new. */
  learn(link: LinkIndex, block: BlockEntry, nowUs: Micros): boolean {
    const parentStatus = block.parent === null ? UNKNOWN : this.#status(block.parent);
    if (parentStatus === UNKNOWN) {
      this.#ask(link, this.#highest(), nowUs);
      return false;
    }
    if (parentStatus === REFUSED) {
      this.#refusals.refuseChild(block, link, nowUs);
      return false;
    }
    const violation = checkFuture(block.header, toWholeMs(nowUs), this.#tree.parameters);
    if (violation !== null) {
      this.#refusals.refuse(block, violation, link, nowUs);
      return false;
    }
    block.beliefs.status[this.#view] = ANNOUNCED;
    return true;
  }

  /** A branch with less work is worth its header, not its body; equal work is worth having, should it win. */
  isWorthBody(block: BlockEntry): boolean {
    return block.chainWork >= this.#chain.tip.chainWork;
  }

  /** An aim was given up: the best of what peers hold and was passed over for it is the next. */
  aimAgain(nowUs: Micros): void {
    let best = this.#chain.tip;
    for (const block of this.#tree.unsettled) {
      if (this.#status(block) !== ANNOUNCED || block.chainWork < best.chainWork) continue;
      // Of equals the one with the smaller hash: the order of a tree depends on how many views share it.
      if (block.chainWork === best.chainWork && (best === this.#chain.tip || block.hash > best.hash))
        continue;
      if (isKnownToAny(this.#tree, block, this.#view)) best = block;
    }
    if (best !== this.#chain.tip) this.#download.resume(best, nowUs);
  }

  /** The peer is new, or its link was mended: whatever it was asked before is forgotten. */
  linkUp(link: LinkIndex): void {
    this.#questions.answered(link);
  }

  /** Asks whether the peer has anything beyond what is known here, though it has announced nothing. */
  askForNews(link: LinkIndex): void {
    this.#port.send(link, makeGetHeaders(locatorFrom(this.#highest())));
  }

  #ask(link: LinkIndex, from: BlockEntry, nowUs: Micros): void {
    if (this.#questions.ask(link, nowUs)) this.#port.send(link, makeGetHeaders(locatorFrom(from)));
  }

  #highest(): BlockEntry {
    const { target } = this.#download;
    return isBetter(target, this.#chain.tip) ? target : this.#chain.tip;
  }

  #status(block: BlockEntry): number {
    return block.beliefs.status[this.#view] as number;
  }
}

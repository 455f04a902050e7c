import type { TransactionFacts } from "../chain/transaction-facts.ts";
import { checkFuture } from "../rules/check-header.ts";
import type { Violation } from "../rules/violation.ts";
import { ANNOUNCED, HELD, REQUESTED, UNKNOWN, WAITING } from "../state/belief-columns.ts";
import type { BlockEntry } from "../state/block-entry.ts";
import type { BlockTree } from "../state/block-tree.ts";
import { chainChange, isBetter } from "../state/fork-choice.ts";
import { Mempool } from "../state/mempool.ts";
import {
  type BlockMessage,
  type Message,
  makeBlockMessage,
  makeGetHeaders,
  makeHeaders,
} from "../state/messages.ts";
import { type Micros, toWholeMs } from "../support/micros.ts";
import { BlockDownload, WINDOW_COUNT } from "../sync/block-download.ts";
import { HEADERS_COUNT_MAX, HeaderQuestions, headersAfter, locatorFrom } from "../sync/header-sync.ts";
import { forgetKnown, isKnown, learnKnown, setUp } from "../sync/link-masks.ts";
import type { LinkIndex, NodePort } from "../sync/node-port.ts";
import { type RelayMode, relayBlock, relayTransactions, sendMempool } from "../sync/relay.ts";

export interface MachineSettings {
  /** Which column of beliefs is this node's; 0 in a live node, which has one. */
  readonly view: number;
  readonly relay: RelayMode;
  readonly mempoolBytesMax: number;
}

/**
 * One node's protocol: messages and time go in, and through its port it says what to send, when to wake it and what
 * changed. Synchronous, without clock, randomness or network of its own.
 */
export class NodeMachine {
  readonly view: number;
  readonly tree: BlockTree;
  readonly mempool: Mempool;
  /** End of the best chain that this node holds. */
  tip: BlockEntry;
  readonly #port: NodePort;
  readonly #relay: RelayMode;
  readonly #download: BlockDownload;
  readonly #headerQuestions = new HeaderQuestions();

  constructor(tree: BlockTree, port: NodePort, settings: MachineSettings) {
    this.view = settings.view;
    this.tree = tree;
    this.tip = tree.genesis;
    this.mempool = new Mempool(settings.mempoolBytesMax);
    this.#port = port;
    this.#relay = settings.relay;
    this.#download = new BlockDownload(tree, settings.view, port);
  }

  onMessage(link: LinkIndex, message: Message, nowUs: Micros): void {
    switch (message.kind) {
      case "announce":
        this.#onAnnounce(link, message.block, nowUs);
        return;
      case "request":
        this.#onRequest(link, message);
        return;
      case "block":
        this.#onBlock(link, message.block, nowUs);
        return;
      case "not-found":
        this.#download.notFound(message.block, link, nowUs);
        return;
      case "get-headers":
        this.#port.send(link, makeHeaders(headersAfter(this.tip, message.locator)));
        return;
      case "headers":
        this.#onHeaders(link, message.blocks, nowUs);
        return;
      case "transactions":
        this.#onTransactions(link, message.transactions);
        return;
    }
  }

  /** A link is there, new or again after a cut: both ends tell their tip, and what waits in their mempools. */
  linkUp(link: LinkIndex): void {
    forgetKnown(this.tree, this.view, link);
    setUp(this.tree, this.view, link, true);
    this.#headerQuestions.answered(link);
    if (this.tip !== this.tree.genesis) {
      learnKnown(this.tree, this.tip, this.view, link);
      this.#port.send(link, this.tip.announcement);
    }
    sendMempool(this.mempool, link, this.#port);
  }

  linkDown(link: LinkIndex, nowUs: Micros): void {
    setUp(this.tree, this.view, link, false);
    forgetKnown(this.tree, this.view, link);
    this.#download.linkDown(link, nowUs);
  }

  wake(nowUs: Micros): void {
    this.#download.wake(nowUs);
  }

  /** Takes a transaction from outside the network and passes it on; null, or why not. */
  submit(facts: TransactionFacts): Violation | null {
    const violation = this.#admit(facts);
    if (violation === null) relayTransactions(this.tree, this.view, [facts], null, this.#port);
    return violation;
  }

  /** A block that this node made itself. Its own work is checked like anyone's. */
  mined(block: BlockEntry, nowUs: Micros): Violation | null {
    if (block.beliefs.status[this.view] === HELD) return null;
    this.#connect(block, null, nowUs);
    return block.violation;
  }

  /** Puts back what was stored before a restart: valid, parents before children. Announces nothing. */
  restore(block: BlockEntry): void {
    if (block.beliefs.status[this.view] !== HELD) this.#hold(block);
    if (isBetter(block, this.tip)) this.tip = block;
  }

  #onAnnounce(link: LinkIndex, block: BlockEntry, nowUs: Micros): void {
    learnKnown(this.tree, block, this.view, link);
    const status = block.beliefs.status[this.view] as number;
    if (status > ANNOUNCED) return;
    if (status === UNKNOWN && !this.#learnHeader(link, block, nowUs)) return;
    // A branch with less work is worth its header, not its body; equal work is worth having, should it win.
    if (block.chainWork >= this.tip.chainWork) this.#download.announced(block, link, nowUs);
  }

  /** Marks a header as announced, or says why it is not: unlinked (then its ancestors are asked for), broken, too new. */
  #learnHeader(link: LinkIndex, block: BlockEntry, nowUs: Micros): boolean {
    const { parent } = block;
    if (parent === null || parent.beliefs.status[this.view] === UNKNOWN) {
      this.#askHeaders(link, nowUs);
      return false;
    }
    const violation = block.violation ?? checkFuture(block.header, toWholeMs(nowUs), this.tree.parameters);
    if (violation !== null) {
      this.#refuse(block, violation, link, nowUs);
      return false;
    }
    block.beliefs.status[this.view] = ANNOUNCED;
    return true;
  }

  #askHeaders(link: LinkIndex, nowUs: Micros): void {
    if (!this.#headerQuestions.ask(link, nowUs)) return;
    const { target } = this.#download;
    this.#port.send(link, makeGetHeaders(locatorFrom(isBetter(target, this.tip) ? target : this.tip)));
  }

  #onRequest(link: LinkIndex, message: BlockMessage): void {
    const { block, attempt } = message;
    learnKnown(this.tree, block, this.view, link);
    if (block.beliefs.status[this.view] !== HELD || block.delivery === null) {
      this.#port.send(link, makeBlockMessage("not-found", block, attempt));
      return;
    }
    this.#port.send(link, attempt === 0 ? block.delivery : makeBlockMessage("block", block, attempt));
  }

  #onHeaders(link: LinkIndex, blocks: readonly BlockEntry[], nowUs: Micros): void {
    this.#headerQuestions.answered(link);
    for (const block of blocks) {
      learnKnown(this.tree, block, this.view, link);
      if (block.beliefs.status[this.view] === UNKNOWN && !this.#learnHeader(link, block, nowUs)) return;
    }
    const last = blocks.at(-1);
    if (last === undefined) return;
    if (last.chainWork >= this.tip.chainWork && last.beliefs.status[this.view] === ANNOUNCED)
      this.#download.announced(last, link, nowUs);
    if (blocks.length === HEADERS_COUNT_MAX) this.#askHeaders(link, nowUs);
  }

  #onBlock(link: LinkIndex, block: BlockEntry, nowUs: Micros): void {
    learnKnown(this.tree, block, this.view, link);
    const status = block.beliefs.status[this.view] as number;
    if (status >= WAITING) return;
    if (status === REQUESTED) this.#download.arrived(block);
    if (block.parent?.beliefs.status[this.view] !== HELD) {
      this.#wait(link, block, nowUs);
      return;
    }
    if (status === UNKNOWN && !this.#learnHeader(link, block, nowUs)) return;
    this.#connect(block, link, nowUs);
    this.#download.fill(nowUs);
  }

  /** An orphan: its body is here before its parent's. */
  #wait(link: LinkIndex, block: BlockEntry, nowUs: Micros): void {
    if (block.beliefs.status[this.view] === UNKNOWN && !this.#learnHeader(link, block, nowUs)) return;
    if (this.#download.waitingCount >= WINDOW_COUNT) {
      block.beliefs.status[this.view] = ANNOUNCED;
      return;
    }
    block.beliefs.status[this.view] = WAITING;
    this.#download.waitingCount++;
    this.#download.announced(block, link, nowUs);
  }

  /** Judges a block whose parent is held, then those that waited for it, and moves to the best of them. */
  #connect(first: BlockEntry, source: LinkIndex | null, nowUs: Micros): void {
    let best = this.tip;
    const ready = [first];
    for (let block = ready.pop(); block !== undefined; block = ready.pop()) {
      const violation = this.tree.judge(block);
      if (violation === null) {
        this.#hold(block);
        this.#port.blockHeld(block, source, nowUs);
        if (isBetter(block, best)) best = block;
      } else {
        this.#refuse(block, violation, source, nowUs);
      }
      for (const child of block.children) {
        if (child.beliefs.status[this.view] !== WAITING) continue;
        this.#download.waitingCount--;
        ready.push(child);
      }
    }
    if (best !== this.tip) this.#moveTip(best, nowUs);
  }

  #hold(block: BlockEntry): void {
    block.beliefs.status[this.view] = HELD;
    block.heldCount++;
  }

  #moveTip(tip: BlockEntry, nowUs: Micros): void {
    const previous = this.tip;
    this.tip = tip;
    const change = chainChange(previous, tip);
    this.mempool.chainChanged(change, this.tree.ledgerAfter(tip));
    this.#port.tipChanged(tip, previous, change, nowUs);
    // While a better chain is on its way, its blocks are known to whoever announced them.
    if (!isBetter(this.#download.target, tip)) relayBlock(this.tree, this.view, tip, this.#relay, this.#port);
  }

  #refuse(block: BlockEntry, violation: Violation, source: LinkIndex | null, nowUs: Micros): void {
    block.beliefs.status[this.view] = UNKNOWN;
    this.#download.giveUp();
    this.#port.blockRefused(block.hash, violation, source, nowUs);
    // A clock that differs is no fault of the peer's: the block comes again with the next one on top of it.
    if (source !== null && violation.code !== "time-too-new") this.#port.disconnect(source, violation.code);
  }

  #onTransactions(link: LinkIndex, batch: readonly TransactionFacts[]): void {
    const accepted: TransactionFacts[] = [];
    for (const facts of batch) {
      const violation = this.#admit(facts);
      if (violation === null) accepted.push(facts);
      else if (violation.code === "bad-signature") {
        this.#port.disconnect(link, violation.code);
        return;
      }
    }
    if (accepted.length > 0) relayTransactions(this.tree, this.view, accepted, link, this.#port);
  }

  #admit(facts: TransactionFacts): Violation | null {
    return this.mempool.add(facts, this.tree.ledgerAfter(this.tip));
  }

  /** Whether the peer at `link` is known to know the block. */
  peerKnows(block: BlockEntry, link: LinkIndex): boolean {
    return isKnown(this.tree, block, this.view, link);
  }
}

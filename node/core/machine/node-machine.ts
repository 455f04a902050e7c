import type { TransactionFacts } from "../chain/transaction-facts.ts";
import type { Violation } from "../rules/violation.ts";
import { HELD, REFUSED, REQUESTED, UNKNOWN, WAITING } from "../state/belief-columns.ts";
import type { BlockEntry } from "../state/block-entry.ts";
import type { BlockTree } from "../state/block-tree.ts";
import type { Mempool } from "../state/mempool.ts";
import { type BlockMessage, type Message, makeBlockMessage, makeHeaders } from "../state/messages.ts";
import type { Micros } from "../support/micros.ts";
import { BlockDownload } from "../sync/block-download.ts";
import { headersAfter } from "../sync/header-sync.ts";
import { forgetKnown, isKnown, isUp, learnKnown, setUp } from "../sync/link-masks.ts";
import type { LinkIndex, NodePort } from "../sync/node-port.ts";
import { relayTransactions, sendMempool } from "../sync/relay.ts";
import { BestChain, type MachineSettings } from "./best-chain.ts";
import { HeaderIntake } from "./header-intake.ts";
import { Refusals } from "./refusals.ts";

/**
 * One node's protocol: messages and time go in, and through its port it says what to send, when to wake it and what
 * changed. Synchronous, without clock, randomness or network of its own.
 */
export class NodeMachine {
  readonly view: number;
  readonly tree: BlockTree;
  readonly #port: NodePort;
  readonly #download: BlockDownload;
  readonly #refusals: Refusals;
  readonly #chain: BestChain;
  readonly #headers: HeaderIntake;

  constructor(tree: BlockTree, port: NodePort, settings: MachineSettings) {
    const { view } = settings;
    this.view = view;
    this.tree = tree;
    this.#port = port;
    this.#download = new BlockDownload(tree, view, port);
    this.#refusals = new Refusals(tree, view, this.#download, port);
    this.#chain = new BestChain(tree, port, settings, this.#download, this.#refusals);
    this.#headers = new HeaderIntake(tree, view, port, this.#chain, this.#download, this.#refusals);
  }

  /** End of the best chain that this node holds. */
  get tip(): BlockEntry {
    return this.#chain.tip;
  }

  get mempool(): Mempool {
    return this.#chain.mempool;
  }

  /** Bodies asked for that have not come, and bodies that wait for an ancestor's: both 0 in a node that is not behind. */
  get unfinished(): { readonly inFlightCount: number; readonly waitingCount: number } {
    return this.#download;
  }

  onMessage(link: LinkIndex, message: Message, nowUs: Micros): void {
    switch (message.kind) {
      case "announce":
        this.#headers.onAnnounce(link, message.block, nowUs);
        return;
      case "request":
        this.#onRequest(link, message);
        return;
      case "block":
        this.#onBlock(link, message.block, nowUs);
        return;
      case "not-found":
        this.#download.notFound(message.block, link, nowUs);
        this.#recover(nowUs);
        return;
      case "get-headers":
        this.#port.send(link, makeHeaders(headersAfter(this.tip, message.locator)));
        return;
      case "headers":
        this.#headers.onHeaders(link, message.blocks, nowUs);
        return;
      case "transactions":
        this.#onTransactions(link, message.transactions);
        return;
    }
  }

  /** A link is there, new or again after a cut: both ends tell their tip, and what waits in their mempools. */
  linkUp(link: LinkIndex): void {
    const isMended = isUp(this.tree, this.view, link);
    forgetKnown(this.tree, this.view, link);
    setUp(this.tree, this.view, link, true);
    this.#headers.linkUp(link);
    if (this.tip !== this.tree.genesis) {
      learnKnown(this.tree, this.tip, this.view, link);
      this.#port.send(link, this.tip.announcement);
    }
    sendMempool(this.mempool, link, this.#port);
    // What was asked through a cut is lost, and a peer that could send all the while has no reason to say anything again.
    if (isMended) this.#headers.askForNews(link);
  }

  linkDown(link: LinkIndex, nowUs: Micros): void {
    setUp(this.tree, this.view, link, false);
    forgetKnown(this.tree, this.view, link);
    this.#download.linkDown(link, nowUs);
    this.#recover(nowUs);
  }

  wake(nowUs: Micros): void {
    this.#download.wake(nowUs);
    this.#recover(nowUs);
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
    return this.#chain.connect(block, null, nowUs);
  }

  /** Puts back what was stored before a restart: valid, parents before children. Announces nothing. */
  restore(block: BlockEntry): void {
    this.#chain.restore(block);
  }

  #onRequest(link: LinkIndex, message: BlockMessage): void {
    const { block, attempt } = message;
    if (block.beliefs.status[this.view] !== HELD || block.delivery === null) {
      this.#port.send(link, makeBlockMessage("not-found", block, attempt));
      return;
    }
    learnKnown(this.tree, block, this.view, link);
    this.#port.send(link, attempt === 0 ? block.delivery : makeBlockMessage("block", block, attempt));
  }

  #onBlock(link: LinkIndex, block: BlockEntry, nowUs: Micros): void {
    learnKnown(this.tree, block, this.view, link);
    const status = block.beliefs.status[this.view] as number;
    if (status >= WAITING) {
      if (status === REFUSED) this.#refusals.refuseAgain(block, link, nowUs);
      return;
    }
    if (status === REQUESTED) this.#download.arrived(block, link);
    if (status === UNKNOWN && !this.#headers.learn(link, block, nowUs)) return;
    if (block.parent?.beliefs.status[this.view] !== HELD) {
      this.#download.arrivedEarly(block, link, this.#headers.isWorthBody(block), nowUs);
    } else {
      this.#chain.connect(block, link, nowUs);
      this.#download.fill(nowUs);
    }
    this.#recover(nowUs);
  }

  /** To be called when the download may have given something up. */
  #recover(nowUs: Micros): void {
    if (this.#download.takeGivenUp()) this.#headers.aimAgain(nowUs);
    this.#chain.tellTip();
  }

  #onTransactions(link: LinkIndex, batch: readonly TransactionFacts[]): void {
    const accepted: TransactionFacts[] = [];
    for (const facts of batch) {
      const violation = this.#admit(facts);
      if (violation === null) {
        accepted.push(facts);
      } else if (violation.code === "bad-signature" || violation.code === "bad-payload") {
        // Broken on any ledger, so nobody who checks what it passes on would send it.
        this.#port.disconnect(link, violation.code);
        break;
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

import type { TransactionFacts } from "../chain/transaction-facts.ts";
import type { Violation } from "../rules/violation.ts";
import type { BlockEntry } from "../state/block-entry.ts";
import type { BlockTree } from "../state/block-tree.ts";
import type { Mempool } from "../state/mempool.ts";
import type { Message } from "../state/messages.ts";
import type { Micros } from "../support/micros.ts";
import { isKnown } from "../sync/link-masks.ts";
import type { LinkIndex } from "../sync/node-port.ts";
import type { Protocol } from "./protocol.ts";

/**
 * The protocol as one node sees it: `Protocol` with the view filled in. It begins its view anew, so there is one for each life of a node.
 * A simulation's busy events go past it, because it is one more object to touch.
 */
export class NodeMachine {
  readonly view: number;
  readonly tree: BlockTree;
  readonly #protocol: Protocol;

  constructor(protocol: Protocol, view: number) {
    this.view = view;
    this.tree = protocol.tree;
    this.#protocol = protocol;
    protocol.begin(view);
  }

  /** End of the best chain that this node holds. */
  get tip(): BlockEntry {
    return this.#protocol.stateOf(this.view).tip;
  }

  /** End of the best chain whose headers this node knows; the tip is on its way there. */
  get target(): BlockEntry {
    return this.#protocol.stateOf(this.view).target;
  }

  /** To be read only: empty ones are shared. */
  get mempool(): Mempool {
    return this.#protocol.stateOf(this.view).mempool;
  }

  /** Bodies asked for that have not come, and bodies that wait for an ancestor's: both 0 in a node that is not behind. */
  get unfinished(): { readonly inFlightCount: number; readonly waitingCount: number } {
    return {
      inFlightCount: this.#protocol.inFlightCount(this.view),
      waitingCount: this.#protocol.stateOf(this.view).waiting.size,
    };
  }

  onMessage(link: LinkIndex, message: Message, nowUs: Micros): void {
    this.#protocol.onMessage(this.view, link, message, nowUs);
  }

  linkUp(link: LinkIndex, nowUs: Micros): void {
    this.#protocol.linkUp(this.view, link, nowUs);
  }

  linkDown(link: LinkIndex, nowUs: Micros): void {
    this.#protocol.linkDown(this.view, link, nowUs);
  }

  wake(nowUs: Micros): void {
    this.#protocol.wake(this.view, nowUs);
  }

  /** See `Protocol.boundHeaders`. */
  boundHeaders(nowUs: Micros): void {
    this.#protocol.boundHeaders(this.view, nowUs);
  }

  submit(facts: TransactionFacts, nowUs: Micros): Violation | null {
    return this.#protocol.submit(this.view, facts, nowUs);
  }

  /** See `Protocol.askForNews`. */
  askForNews(): void {
    this.#protocol.askForNews(this.view);
  }

  mined(block: BlockEntry, nowUs: Micros): Violation | null {
    return this.#protocol.mined(this.view, block, nowUs);
  }

  restore(block: BlockEntry): void {
    this.#protocol.restore(this.view, block);
  }

  /** The body of a held block is damaged where it was stored. */
  lost(block: BlockEntry, nowUs: Micros): void {
    this.#protocol.lost(this.view, block, nowUs);
  }

  /** The block was stored on top of one that is damaged. */
  stranded(block: BlockEntry): void {
    this.#protocol.stranded(this.view, block);
  }

  /** Damaged bodies that have not come again. */
  get lostCount(): number {
    return this.#protocol.lostCount(this.view);
  }

  /** Whether the peer at `link` is known to know the block. */
  peerKnows(block: BlockEntry, link: LinkIndex): boolean {
    return isKnown(this.tree, block, this.view, link);
  }
}

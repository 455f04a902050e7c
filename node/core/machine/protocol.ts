import type { TransactionFacts } from "../chain/transaction-facts.ts";
import type { Hex } from "../chain/types.ts";
import type { Violation } from "../rules/violation.ts";
import { ANNOUNCED, HELD, REFUSED, REQUESTED, UNKNOWN, WAITING } from "../state/belief-columns.ts";
import type { BlockEntry } from "../state/block-entry.ts";
import type { BlockTree } from "../state/block-tree.ts";
import { type BlockMessage, type Message, makeBlockMessage, makeHeaders } from "../state/messages.ts";
import type { Micros } from "../support/micros.ts";
import { BlockDownload } from "../sync/block-download.ts";
import { HeaderQuestions } from "../sync/header-questions.ts";
import { headersAfter, inParts } from "../sync/header-sync.ts";
import { forgetKnown, isUp, learnKnown, setUp } from "../sync/link-masks.ts";
import { LostBodies } from "../sync/lost-bodies.ts";
import type { LinkIndex, NodePort } from "../sync/node-port.ts";
import { StrandedBodies } from "../sync/stranded-bodies.ts";
import type { ViewState } from "../sync/view-state.ts";
import { Wakes } from "../sync/wakes.ts";
import { BestChain, type ProtocolSettings } from "./best-chain.ts";
import { CompactIntake } from "./compact-intake.ts";
import { boundHeaders, HEADER_BOUNDS, type HeaderBounds } from "./header-bounds.ts";
import { HeaderIntake } from "./header-intake.ts";
import { Refusals } from "./refusals.ts";
import { TransactionIntake } from "./transaction-intake.ts";

/**
 * The protocol of all views of a tree: messages and time go in, and through its port it says what each view sends, when to wake it and what
 * changed. Synchronous, without clock, randomness or network of its own. What it knows of one view is that view's state and
 * nothing else; a live node has one view, a simulation as many as nodes.
 */
export class Protocol {
  readonly tree: BlockTree;
  readonly #port: NodePort;
  readonly #wakes: Wakes;
  readonly #questions: HeaderQuestions;
  readonly #download: BlockDownload;
  readonly #refusals: Refusals;
  readonly #chain: BestChain;
  readonly #headers: HeaderIntake;
  readonly #compact: CompactIntake;
  readonly #transactions: TransactionIntake;
  readonly #lost: LostBodies;
  readonly #stranded: StrandedBodies;
  readonly #bounds: HeaderBounds;
  /** By view. */
  readonly #states: ViewState[];

  constructor(tree: BlockTree, port: NodePort, settings: ProtocolSettings) {
    this.tree = tree;
    this.#port = port;
    this.#wakes = new Wakes(port, tree.columns.viewCount);
    this.#questions = new HeaderQuestions(port, this.#wakes);
    this.#download = new BlockDownload(tree, port, this.#wakes);
    this.#refusals = new Refusals(tree, this.#download, port);
    this.#lost = new LostBodies(tree, this.#download);
    this.#stranded = new StrandedBodies(tree);
    this.#chain = new BestChain(
      tree,
      port,
      settings,
      this.#download,
      this.#refusals,
      (state, released, nowUs) => this.#transactions.spread(state, released, nowUs),
    );
    this.#bounds = settings.headerBounds ?? HEADER_BOUNDS;
    const { aheadMax } = this.#bounds;
    this.#headers = new HeaderIntake(tree, port, this.#download, this.#refusals, this.#questions, aheadMax);
    this.#compact = new CompactIntake(
      tree,
      port,
      this.#headers,
      this.#download,
      this.#refusals,
      (state, link, block, nowUs) => this.#onBlock(state, link, block, nowUs),
    );
    this.#transactions = new TransactionIntake(tree, port, this.#chain, settings.relay, this.#wakes);
    this.#states = Array.from({ length: tree.columns.viewCount }, (_, view) => this.#chain.newState(view));
  }

  /** A process starts that knows nothing yet: what an earlier one at this view knew is gone. */
  begin(view: number): void {
    this.#states[view] = this.#chain.newState(view);
    this.#wakes.forget(view);
    this.#lost.forget(view);
    this.#stranded.forget(view);
  }

  /** To be read only. Another object from the next `begin` on. */
  stateOf(view: number): Readonly<ViewState> {
    return this.#stateOf(view);
  }

  /** Bodies that this view has asked for and that have not come. */
  inFlightCount(view: number): number {
    return this.#download.inFlightCount(this.#stateOf(view));
  }

  onMessage(view: number, link: LinkIndex, message: Message, nowUs: Micros): void {
    switch (message.kind) {
      case "announce":
        this.#headers.onAnnounce(this.#stateOf(view), link, message.block, nowUs);
        break;
      case "request":
        this.#onRequest(view, link, message);
        break;
      case "block":
        this.#onBlock(this.#stateOf(view), link, message.block, nowUs);
        break;
      case "not-found":
        this.#download.notFound(this.#stateOf(view), message.block, link, nowUs);
        this.#recover(this.#stateOf(view), nowUs);
        break;
      case "get-headers":
        this.#onGetHeaders(this.#stateOf(view), link, message.locator, nowUs);
        break;
      case "headers":
        this.#headers.onHeaders(this.#stateOf(view), link, message.blocks, nowUs);
        break;
      case "compact":
        this.#compact.onCompact(this.#stateOf(view), link, message, nowUs);
        break;
      case "request-missing":
        this.#compact.onRequestMissing(this.#stateOf(view), link, message);
        break;
      case "missing":
        this.#compact.onMissing(this.#stateOf(view), link, message, nowUs);
        break;
      case "announce-transactions":
        this.#transactions.onAnnounced(this.#stateOf(view), link, message.ids, nowUs);
        break;
      case "request-transactions":
        this.#transactions.onRequested(this.#stateOf(view), link, message.ids);
        break;
      case "transactions":
        this.#transactions.onTransactions(this.#stateOf(view), link, message.transactions, nowUs);
        break;
    }
    this.boundHeaders(view, nowUs);
  }

  /** To be called after whatever may have entered headers, when nobody needs those that no view knows. */
  boundHeaders(view: number, nowUs: Micros): void {
    const { looseCountMax } = this.#bounds;
    if (this.tree.loose.size <= looseCountMax) return;
    const count = boundHeaders(this.tree, this.#states, looseCountMax);
    if (count > 0) this.#port.noticed(view, { kind: "headers-forgotten", count }, nowUs);
  }

  /** A link is there, new or again after a cut: both ends tell their tip, and what waits in their mempools. */
  linkUp(view: number, link: LinkIndex, nowUs: Micros): void {
    const state = this.#stateOf(view);
    const isMended = isUp(this.tree, view, link);
    if (isMended) this.#download.heardAgain(state, link, nowUs);
    forgetKnown(this.tree, view, link);
    setUp(this.tree, view, link, true);
    this.#questions.answered(state, link);
    this.#headers.forgetPutOff(state, link);
    if (state.tip !== this.tree.genesis) {
      learnKnown(this.tree, state.tip, view, link);
      this.#port.send(view, link, state.tip.announcement);
    }
    this.#transactions.linkUp(state, link);
    // What was asked through a cut is lost, and a peer that could send all the while has no reason to say anything again.
    if (isMended) this.#headers.askForNews(state, link);
    if (!this.#lost.isEmpty) this.#lost.fetch(state, link, nowUs);
  }

  linkDown(view: number, link: LinkIndex, nowUs: Micros): void {
    const state = this.#stateOf(view);
    setUp(this.tree, view, link, false);
    this.#questions.answered(state, link);
    this.#headers.forgetPutOff(state, link);
    forgetKnown(this.tree, view, link);
    this.#download.linkDown(state, link, nowUs);
    this.#transactions.linkDown(state, link, nowUs);
    this.#recover(state, nowUs);
  }

  wake(view: number, nowUs: Micros): void {
    const state = this.#stateOf(view);
    this.#wakes.forget(view);
    this.#questions.wake(state, nowUs);
    this.#download.wake(state, nowUs);
    this.#transactions.wake(state, nowUs);
    this.#recover(state, nowUs);
  }

  /** Takes a transaction from outside the network and passes it on; null, or why not. */
  submit(view: number, facts: TransactionFacts, nowUs: Micros): Violation | null {
    return this.#transactions.submit(this.#stateOf(view), facts, nowUs);
  }

  /** Asks every peer what follows the tip on its chain. They tell by themselves of what is new; this is for whoever wants to be sure. */
  askForNews(view: number): void {
    const state = this.#stateOf(view);
    for (let link = 0; link < this.tree.columns.maskWords * 32; link++)
      if (isUp(this.tree, view, link)) this.#headers.askForNews(state, link);
  }

  /** A block that this view's node made itself. Its own work is checked like anyone's. */
  mined(view: number, block: BlockEntry, nowUs: Micros): Violation | null {
    if (block.beliefs.status[view] === HELD) return null;
    return this.#chain.connect(this.#stateOf(view), block, null, nowUs);
  }

  /** Puts back what was stored before a restart: valid, parents before children. Announces nothing. */
  restore(view: number, block: BlockEntry): void {
    this.#chain.restore(this.#stateOf(view), block);
  }

  /** The body of a block that was held is damaged where it was stored: it is asked of peers. */
  lost(view: number, block: BlockEntry, nowUs: Micros): void {
    const state = this.#stateOf(view);
    this.#lost.note(state, block);
    for (let link = 0; link < this.tree.columns.maskWords * 32; link++)
      if (isUp(this.tree, view, link)) this.#lost.fetch(state, link, nowUs);
  }

  /** A block that was stored on top of a damaged one: it is held as soon as that has come. */
  stranded(view: number, block: BlockEntry): void {
    this.#stranded.note(view, block);
  }

  /** Bodies that were lost and have not come again. */
  lostCount(view: number): number {
    return this.#lost.count(this.#stateOf(view));
  }

  #stateOf(view: number): ViewState {
    return this.#states[view] as ViewState;
  }

  #onGetHeaders(state: ViewState, link: LinkIndex, locator: readonly Hex[], nowUs: Micros): void {
    // A peer asks when its end of a cut link is mended. This end hears nothing else of that which it may go by: an announcement of a block
    // that was asked for may be left out of a simulation.
    this.#download.heardAgain(state, link, nowUs);
    for (const part of inParts(headersAfter(state.tip, locator)))
      this.#port.send(state.view, link, makeHeaders(part));
  }

  #onRequest(view: number, link: LinkIndex, message: BlockMessage): void {
    const { block, attempt } = message;
    if (block.beliefs.status[view] !== HELD || !this.tree.hasBody(block)) {
      this.#port.send(view, link, makeBlockMessage("not-found", block, attempt));
      return;
    }
    learnKnown(this.tree, block, view, link);
    const ready = attempt === 0 ? block.delivery : null;
    this.#port.send(view, link, ready ?? makeBlockMessage("block", block, attempt));
  }

  #onBlock(state: ViewState, link: LinkIndex, block: BlockEntry, nowUs: Micros): void {
    learnKnown(this.tree, block, state.view, link);
    const status = block.beliefs.status[state.view] as number;
    if (status >= WAITING) {
      if (status === REFUSED) this.#refusals.refuseAgain(state, block, link, nowUs);
      return;
    }
    if (status === REQUESTED) this.#download.arrived(state, block, link, nowUs);
    if (status === UNKNOWN && !this.#headers.learn(state, link, block, nowUs)) {
      this.tree.releaseBody(block);
      return;
    }
    if (block.parent?.beliefs.status[state.view] !== HELD) {
      this.#download.arrivedEarly(state, block, link, this.#headers.isWorthBody(state, block), nowUs);
      if (block.beliefs.status[state.view] === ANNOUNCED) this.tree.releaseBody(block);
    } else if (status === REQUESTED || this.#headers.isWorthBody(state, block)) {
      this.#chain.connect(state, block, link, nowUs);
      if (!this.#stranded.isEmpty) this.#joinStranded(state, link, nowUs);
      this.#download.fill(state, nowUs);
      this.#headers.askForPutOff(state, nowUs);
    } else {
      // Neither asked for nor worth asking for: kept, it would let whoever makes cheap blocks fill disk and memory.
      this.tree.releaseBody(block);
    }
    if (!this.#lost.isEmpty) this.#lost.fetch(state, link, nowUs);
    this.#recover(state, nowUs);
  }

  /** What was stored on top of a damaged block connects when that one has come. */
  #joinStranded(state: ViewState, link: LinkIndex, nowUs: Micros): void {
    for (let next = this.#stranded.next(state); next !== null; next = this.#stranded.next(state)) {
      if (next.beliefs.status[state.view] === REQUESTED) this.#download.arrived(state, next, link, nowUs);
      this.#chain.connect(state, next, link, nowUs);
    }
  }

  /** To be called when the download may have given something up. */
  #recover(state: ViewState, nowUs: Micros): void {
    if (this.#download.takeGivenUp(state)) this.#headers.aimAgain(state, nowUs);
    this.#chain.tellTip(state);
  }
}

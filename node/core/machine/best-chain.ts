import type { Violation } from "../rules/violation.ts";
import { HELD, WAITING } from "../state/belief-columns.ts";
import type { BlockEntry } from "../state/block-entry.ts";
import type { BlockTree } from "../state/block-tree.ts";
import { likelyLacked, NO_POSITIONS } from "../state/compact-block.ts";
import { type ChainChange, chainChange, isBetter } from "../state/fork-choice.ts";
import { Mempool } from "../state/mempool.ts";
import type { Released } from "../state/mempool-account.ts";
import type { Micros } from "../support/micros.ts";
import type { BlockDownload } from "../sync/block-download.ts";
import { isUp, learnKnown } from "../sync/link-masks.ts";
import type { LinkIndex, NodePort } from "../sync/node-port.ts";
import { type RelayMode, relayBlock } from "../sync/relay.ts";
import { ViewState } from "../sync/view-state.ts";
import type { HeaderBounds } from "./header-bounds.ts";
import type { Refusals } from "./refusals.ts";

export interface ProtocolSettings {
  readonly relay: RelayMode;
  /** Of each view. */
  readonly mempoolBytesMax: number;
  /** Of each view: transactions without a fee that it takes; left out: `FREE_BYTES_PER_SEC`. */
  readonly freeBytesPerSec?: number;
  /** How many headers without bodies are kept; left out: `HEADER_BOUNDS`. */
  readonly headerBounds?: HeaderBounds;
}

/** What closed gaps let go: to be told to peers. */
type OnReleased = (state: ViewState, released: readonly Released[], nowUs: Micros) => void;

/**
 * A view that is so far behind tells nobody of its tips on the way: they are old news to whoever it learns from, and ten thousand of them would be
 * a flood. A view that is less behind tells, because who announced the better chain may never send it; and so it does of a tip that does
 * not lead there, or whoever announces a chain that it never sends would silence it. Heights.
 */
const OLD_NEWS_HEIGHTS = 6;

/** What views hold: blocks that are connected to genesis, the best chain among them, and the mempool that follows it. */
export class BestChain {
  readonly #tree: BlockTree;
  readonly #settings: ProtocolSettings;
  readonly #port: NodePort;
  readonly #download: BlockDownload;
  readonly #refusals: Refusals;
  readonly #onReleased: OnReleased;
  /** Of all views that nothing was put into yet: read, never written to. */
  readonly #emptyMempool: Mempool;

  constructor(
    tree: BlockTree,
    port: NodePort,
    settings: ProtocolSettings,
    download: BlockDownload,
    refusals: Refusals,
    onReleased: OnReleased,
  ) {
    this.#tree = tree;
    this.#settings = settings;
    this.#port = port;
    this.#download = download;
    this.#refusals = refusals;
    this.#onReleased = onReleased;
    this.#emptyMempool = this.#newMempool(null);
  }

  /** A view that holds nothing but genesis. */
  newState(view: number): ViewState {
    return new ViewState(view, this.#tree.genesis, this.#emptyMempool);
  }

  /** The view's mempool, to be written to. */
  ownMempool(state: ViewState): Mempool {
    if (state.mempool === this.#emptyMempool) state.mempool = this.#newMempool(state);
    return state.mempool;
  }

  /** Judges a block whose parent is held, then those that waited for it, and moves to the best of them. Null `source`: made here. */
  connect(state: ViewState, first: BlockEntry, source: LinkIndex | null, nowUs: Micros): Violation | null {
    let best = this.#join(state, first, source, state.tip, nowUs);
    if (state.waiting.size > 0) best = this.#joinWaiting(state, first, best, nowUs);
    if (best !== state.tip) this.#moveTip(state, best, nowUs);
    return first.violation;
  }

  /** Puts back what was stored before a restart: judged valid, parents before children. Tells nobody. */
  restore(state: ViewState, block: BlockEntry): void {
    if (block.beliefs.status[state.view] !== HELD) this.#hold(state, block);
    if (isBetter(block, state.tip)) state.tip = block;
  }

  /** To be called when the download may have given up: a tip that was kept quiet meanwhile is news after all. */
  tellTip(state: ViewState): void {
    if (!state.isUntold || this.#isFarBehind(state)) return;
    state.isUntold = false;
    // To all, whoever knows it: which peers announced it meanwhile depends on messages that a simulation may leave out.
    for (let link = 0; link < this.#tree.columns.maskWords * 32; link++) {
      if (!isUp(this.#tree, state.view, link)) continue;
      learnKnown(this.#tree, state.tip, state.view, link);
      this.#port.send(state.view, link, state.tip.announcement);
    }
  }

  /** Judges a block; the better of it, if it is valid, and `best`. */
  #join(
    state: ViewState,
    block: BlockEntry,
    source: LinkIndex | null,
    best: BlockEntry,
    nowUs: Micros,
  ): BlockEntry {
    const violation = this.#tree.judge(block);
    if (violation !== null) {
      this.#refusals.refuse(state, block, violation, source, nowUs);
      return best;
    }
    this.#hold(state, block);
    this.#port.blockHeld(state.view, block, source, nowUs);
    return isBetter(block, best) ? block : best;
  }

  /** The same for all that waited for a block, and for those that waited for them. */
  #joinWaiting(state: ViewState, first: BlockEntry, bestSoFar: BlockEntry, nowUs: Micros): BlockEntry {
    let best = bestSoFar;
    const ready = [first];
    const sources: (LinkIndex | null)[] = [];
    for (let block = ready.pop(); block !== undefined; block = ready.pop()) {
      if (block !== first) best = this.#join(state, block, sources.pop() ?? null, best, nowUs);
      if (block.violation !== null) continue;
      for (const child of block.children) {
        if (child.beliefs.status[state.view] !== WAITING) continue;
        ready.push(child);
        sources.push(this.#download.takeWaiting(state, child));
      }
    }
    return best;
  }

  #hold(state: ViewState, block: BlockEntry): void {
    block.beliefs.status[state.view] = HELD;
    block.heldCount++;
  }

  #moveTip(state: ViewState, tip: BlockEntry, nowUs: Micros): void {
    const previous = state.tip;
    state.tip = tip;
    const change = chainChange(previous, tip);
    // Before the mempool follows, which has forgotten then what it had.
    const lacked = this.#lacked(state, tip);
    if (change.disconnected.length > 0) this.#loadBodies(change);
    // An empty mempool that gets nothing back needs no ledger, which costs much where a view is far behind the best block.
    const isMempoolMoved = state.mempool !== this.#emptyMempool || change.disconnected.length > 0;
    const released = isMempoolMoved ? this.#moveMempool(state, change, nowUs) : NONE;
    this.#port.tipChanged(state.view, tip, previous, change, nowUs);
    state.isUntold = this.#isFarBehind(state);
    if (!state.isUntold) relayBlock(this.#tree, state.view, tip, this.#settings.relay, lacked, this.#port);
    // After the block, without which peers would hold them back in turn.
    if (released.length > 0) this.#onReleased(state, released, nowUs);
  }

  /** What this view lacked itself when the block came, and what it has and has told nobody of yet. */
  #lacked({ mempool, talk }: ViewState, { transactions }: BlockEntry): readonly number[] {
    if (this.#settings.relay !== "compact" || transactions === null) return NO_POSITIONS;
    const untold = talk?.untold?.knowers;
    return likelyLacked(
      transactions,
      (id) => mempool.has(id) && untold?.has(id) !== true && !mempool.isHeldBack(id),
    );
  }

  /** For whoever looks at what they hold: old ones may be in the archive only. */
  #loadBodies({ disconnected, connected }: ChainChange): void {
    this.#tree.loadBodies(disconnected);
    this.#tree.loadBodies(connected);
  }

  #moveMempool(state: ViewState, change: ChainChange, nowUs: Micros): readonly Released[] {
    if (state.mempool.count === 0 && !change.disconnected.some(holdsTransactions)) return NONE;
    return this.ownMempool(state).chainChanged(change, this.#tree.ledgerAfter(state.tip), nowUs);
  }

  /** Null: the one that is nobody's. */
  #newMempool(state: ViewState | null): Mempool {
    const rules = this.#tree.transactionContext;
    const apps =
      state === null || rules.applications.size === 0
        ? null
        : { rules, nextHeight: () => state.tip.header.height + 1 };
    const { mempoolBytesMax, ...others } = this.#settings;
    return new Mempool(mempoolBytesMax, { ...others, apps });
  }

  #isFarBehind({ target, tip, path }: ViewState): boolean {
    if (target.header.height - tip.header.height <= OLD_NEWS_HEIGHTS || !isBetter(target, tip)) return false;
    return path[tip.header.height - (path[0]?.header.height ?? 0)] === tip;
  }
}

const NONE: readonly Released[] = [];

/** Whether there is anything in the block but its coinbase. */
function holdsTransactions({ transactions }: BlockEntry): boolean {
  return transactions !== null && transactions.length > 1;
}

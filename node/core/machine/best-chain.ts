import type { Violation } from "../rules/violation.ts";
import { HELD, WAITING } from "../state/belief-columns.ts";
import type { BlockEntry } from "../state/block-entry.ts";
import type { BlockTree } from "../state/block-tree.ts";
import { chainChange, isBetter } from "../state/fork-choice.ts";
import { Mempool } from "../state/mempool.ts";
import type { Micros } from "../support/micros.ts";
import type { BlockDownload } from "../sync/block-download.ts";
import { isUp, learnKnown } from "../sync/link-masks.ts";
import type { LinkIndex, NodePort } from "../sync/node-port.ts";
import { type RelayMode, relayBlock } from "../sync/relay.ts";
import type { Refusals } from "./refusals.ts";

export interface MachineSettings {
  /** Which column of beliefs is this node's; 0 in a live node, which has one. */
  readonly view: number;
  readonly relay: RelayMode;
  readonly mempoolBytesMax: number;
}

/**
 * A view that is so far behind tells nobody of its tips: they are old news to whoever it learns from, and ten thousand of them would be
 * a flood. A view that is less behind tells, because who announced the better chain may never send it. Heights.
 */
const OLD_NEWS_HEIGHTS = 6;

/** What one view holds: blocks that are connected to genesis, the best chain among them, and the mempool that follows it. */
export class BestChain {
  readonly mempool: Mempool;
  tip: BlockEntry;
  readonly #tree: BlockTree;
  readonly #view: number;
  readonly #relay: RelayMode;
  readonly #port: NodePort;
  readonly #download: BlockDownload;
  readonly #refusals: Refusals;
  /** The tip was not told to anyone, because a much better chain was on its way. */
  #isUntold = false;

  constructor(
    tree: BlockTree,
    port: NodePort,
    settings: MachineSettings,
    download: BlockDownload,
    refusals: Refusals,
  ) {
    this.mempool = new Mempool(settings.mempoolBytesMax);
    this.tip = tree.genesis;
    this.#tree = tree;
    this.#view = settings.view;
    this.#relay = settings.relay;
    this.#port = port;
    this.#download = download;
    this.#refusals = refusals;
  }

  /** Judges a block whose parent is held, then those that waited for it, and moves to the best of them. Null `source`: made here. */
  connect(first: BlockEntry, source: LinkIndex | null, nowUs: Micros): Violation | null {
    let best = this.tip;
    const ready = [first];
    const sources = [source];
    for (let block = ready.pop(); block !== undefined; block = ready.pop()) {
      const bringer = sources.pop() ?? null;
      const violation = this.#tree.judge(block);
      if (violation !== null) {
        this.#refusals.refuse(block, violation, bringer, nowUs);
        continue;
      }
      this.#hold(block);
      this.#port.blockHeld(block, bringer, nowUs);
      if (isBetter(block, best)) best = block;
      for (const child of block.children) {
        if (child.beliefs.status[this.#view] !== WAITING) continue;
        ready.push(child);
        sources.push(this.#download.takeWaiting(child));
      }
    }
    if (best !== this.tip) this.#moveTip(best, nowUs);
    return first.violation;
  }

  /** Puts back what was stored before a restart: judged valid, parents before children. Tells nobody. */
  restore(block: BlockEntry): void {
    if (block.beliefs.status[this.#view] !== HELD) this.#hold(block);
    if (isBetter(block, this.tip)) this.tip = block;
  }

  /** To be called when the download may have given up: a tip that was kept quiet meanwhile is news after all. */
  tellTip(): void {
    if (!this.#isUntold || this.#isFarBehind()) return;
    this.#isUntold = false;
    // To all, whoever knows it: which peers announced it meanwhile depends on messages that a simulation may leave out.
    for (let link = 0; link < this.#tree.columns.maskWords * 32; link++) {
      if (!isUp(this.#tree, this.#view, link)) continue;
      learnKnown(this.#tree, this.tip, this.#view, link);
      this.#port.send(link, this.tip.announcement);
    }
  }

  #hold(block: BlockEntry): void {
    block.beliefs.status[this.#view] = HELD;
    block.heldCount++;
  }

  #moveTip(tip: BlockEntry, nowUs: Micros): void {
    const previous = this.tip;
    this.tip = tip;
    const change = chainChange(previous, tip);
    // An empty mempool that gets nothing back needs no ledger, which costs much where a view is far behind the best block.
    if (this.mempool.count > 0 || change.disconnected.length > 0)
      this.mempool.chainChanged(change, this.#tree.ledgerAfter(tip));
    this.#port.tipChanged(tip, previous, change, nowUs);
    this.#isUntold = this.#isFarBehind();
    if (!this.#isUntold) relayBlock(this.#tree, this.#view, tip, this.#relay, this.#port);
  }

  #isFarBehind(): boolean {
    const { target } = this.#download;
    return target.header.height - this.tip.header.height > OLD_NEWS_HEIGHTS && isBetter(target, this.tip);
  }
}

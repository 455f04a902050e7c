import type { Violation } from "../rules/violation.ts";
import { REFUSED, UNKNOWN, WAITING } from "../state/belief-columns.ts";
import type { BlockEntry } from "../state/block-entry.ts";
import type { BlockTree } from "../state/block-tree.ts";
import type { Micros } from "../support/micros.ts";
import type { BlockDownload } from "../sync/block-download.ts";
import { isKnown } from "../sync/link-masks.ts";
import type { LinkIndex, NodePort } from "../sync/node-port.ts";
import type { ViewState } from "../sync/view-state.ts";

/** What a view does about blocks that break a rule: it wants neither them nor what follows them, and ends the link to whoever brought them. */
export class Refusals {
  readonly #tree: BlockTree;
  readonly #download: BlockDownload;
  readonly #port: NodePort;

  constructor(tree: BlockTree, download: BlockDownload, port: NodePort) {
    this.#tree = tree;
    this.#download = download;
    this.#port = port;
  }

  /** `source` announced the block or brought its body; null for this node itself. `time-too-new` holds for now only. */
  refuse(
    state: ViewState,
    block: BlockEntry,
    violation: Violation,
    source: LinkIndex | null,
    nowUs: Micros,
  ): void {
    // A clock that differs is no fault of the peer's: the block comes again with the next one on top of it.
    if (violation.code === "time-too-new") {
      this.#port.blockRefused(state.view, block.hash, violation, source, nowUs);
      return;
    }
    this.#condemn(state, block);
    this.#report(state, block, violation, source, nowUs);
    const unfinished = [block];
    for (let parent = unfinished.pop(); parent !== undefined; parent = unfinished.pop()) {
      for (const child of parent.children) {
        const status = child.beliefs.status[state.view];
        if (status === UNKNOWN || status === REFUSED) continue;
        const bringer = this.#download.takeWaiting(state, child);
        this.#condemn(state, child);
        // Who brought the body of an orphan said that it is valid; who only named it may not have looked.
        if (status === WAITING) this.#report(state, child, badParent(child), bringer, nowUs);
        unfinished.push(child);
      }
    }
  }

  /** A block that was refused before comes again, or its header does. */
  refuseAgain(state: ViewState, block: BlockEntry, source: LinkIndex, nowUs: Micros): void {
    this.refuse(state, block, block.violation ?? badParent(block), source, nowUs);
  }

  /** A header came whose parent is refused. */
  refuseChild(state: ViewState, block: BlockEntry, source: LinkIndex, nowUs: Micros): void {
    this.refuse(state, block, badParent(block), source, nowUs);
  }

  #condemn(state: ViewState, block: BlockEntry): void {
    block.beliefs.status[state.view] = REFUSED;
    this.#download.refused(state, block);
  }

  #report(
    state: ViewState,
    block: BlockEntry,
    violation: Violation,
    source: LinkIndex | null,
    nowUs: Micros,
  ): void {
    this.#port.blockRefused(state.view, block.hash, violation, source, nowUs);
    // The link may lead to another peer by now, which never said that it knows the block.
    if (source !== null && isKnown(this.#tree, block, state.view, source))
      this.#port.disconnect(state.view, source, violation.code);
  }
}

function badParent(block: BlockEntry): Violation {
  return { code: "bad-parent", parentHash: block.header.parentHash };
}

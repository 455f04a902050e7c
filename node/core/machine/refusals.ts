import type { Violation } from "../rules/violation.ts";
import { REFUSED, UNKNOWN, WAITING } from "../state/belief-columns.ts";
import type { BlockEntry } from "../state/block-entry.ts";
import type { BlockTree } from "../state/block-tree.ts";
import type { Micros } from "../support/micros.ts";
import type { BlockDownload } from "../sync/block-download.ts";
import { isKnown } from "../sync/link-masks.ts";
import type { LinkIndex, NodePort } from "../sync/node-port.ts";

/** What one view does about blocks that break a rule: it wants neither them nor what follows them, and ends the link to whoever brought them. */
export class Refusals {
  readonly #tree: BlockTree;
  readonly #view: number;
  readonly #download: BlockDownload;
  readonly #port: NodePort;

  constructor(tree: BlockTree, view: number, download: BlockDownload, port: NodePort) {
    this.#tree = tree;
    this.#view = view;
    this.#download = download;
    this.#port = port;
  }

  /** `source` announced the block or brought its body; null for this node itself. `time-too-new` holds for now only. */
  refuse(block: BlockEntry, violation: Violation, source: LinkIndex | null, nowUs: Micros): void {
    // A clock that differs is no fault of the peer's: the block comes again with the next one on top of it.
    if (violation.code === "time-too-new") {
      this.#port.blockRefused(block.hash, violation, source, nowUs);
      return;
    }
    this.#condemn(block);
    this.#report(block, violation, source, nowUs);
    const unfinished = [block];
    for (let parent = unfinished.pop(); parent !== undefined; parent = unfinished.pop()) {
      for (const child of parent.children) {
        const status = child.beliefs.status[this.#view];
        if (status === UNKNOWN || status === REFUSED) continue;
        const bringer = this.#download.takeWaiting(child);
        this.#condemn(child);
        // Who brought the body of an orphan said that it is valid; who only named it may not have looked.
        if (status === WAITING) this.#report(child, badParent(child), bringer, nowUs);
        unfinished.push(child);
      }
    }
  }

  /** A block that was refused before comes again, or its header does. */
  refuseAgain(block: BlockEntry, source: LinkIndex, nowUs: Micros): void {
    this.refuse(block, block.violation ?? badParent(block), source, nowUs);
  }

  /** A header came whose parent is refused. */
  refuseChild(block: BlockEntry, source: LinkIndex, nowUs: Micros): void {
    this.refuse(block, badParent(block), source, nowUs);
  }

  #condemn(block: BlockEntry): void {
    block.beliefs.status[this.#view] = REFUSED;
    this.#download.refused(block);
  }

  #report(block: BlockEntry, violation: Violation, source: LinkIndex | null, nowUs: Micros): void {
    this.#port.blockRefused(block.hash, violation, source, nowUs);
    // The link may lead to another peer by now, which never said that it knows the block.
    if (source !== null && isKnown(this.#tree, block, this.#view, source))
      this.#port.disconnect(source, violation.code);
  }
}

function badParent(block: BlockEntry): Violation {
  return { code: "bad-parent", parentHash: block.header.parentHash };
}

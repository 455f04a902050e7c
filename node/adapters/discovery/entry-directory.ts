import { randomBytes } from "node:crypto";
import type { KnownNodes } from "../../core/discovery/known-nodes.ts";
import { decodeNodeEntry, type NodeEntry } from "../../core/discovery/node-entry.ts";
import type { Micros } from "../../core/support/micros.ts";
import type { NodeDirectory } from "../../ports/node-directory.ts";

/** The known nodes, behind the HTTP routes. */
export class EntryDirectory implements NodeDirectory {
  readonly instance = randomBytes(16).toString("hex");
  readonly #nodes: KnownNodes;
  readonly #nowUs: () => Micros;

  constructor(nodes: KnownNodes, nowUs: () => Micros) {
    this.#nodes = nodes;
    this.#nowUs = nowUs;
  }

  list(): readonly NodeEntry[] {
    return this.#nodes.listed;
  }

  introduce(value: unknown): NodeEntry | null {
    const entry = decodeNodeEntry(value);
    if (entry === null) return null;
    const isTaken = this.#nodes.introduce(entry, this.#nowUs());
    // A node that meets itself is answered like any other, or it would take itself for broken.
    return isTaken || this.#nodes.isOwn(entry) ? entry : null;
  }

  remove(value: unknown): void {
    const entry = decodeNodeEntry(value);
    if (entry !== null) this.#nodes.remove(entry);
  }
}

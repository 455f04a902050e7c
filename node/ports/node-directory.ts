import type { NodeEntry } from "../core/discovery/node-entry.ts";

/** The known nodes of a node or registry, as others read and change them over HTTP. */
export interface NodeDirectory {
  /** Of this process, drawn anew with each start: shown with every answer, so that a node that calls itself under another address notices. */
  readonly instance: string;
  list(): readonly NodeEntry[];
  /** Takes what a node says of itself, or an operator of a node. The entry as it is known; null if the value is none, or no more fit. */
  introduce(value: unknown): NodeEntry | null;
  remove(value: unknown): void;
}

import type { BackendName } from "../backend.ts";
import type { LinkCuts } from "./link-cuts.ts";
import type { LinkShaping } from "./link-shaping.ts";
import type { NodePlace } from "./node-life.ts";

/** What tells one backend of real nodes from another: where the nodes live, what cuts their links, and what shapes them. */
export interface LiveSystem {
  readonly name: Exclude<BackendName, "sim">;
  /** To be used once the system is open. */
  readonly place: NodePlace;
  readonly cuts: LinkCuts;
  readonly shaping: LinkShaping;
  /** Makes what all nodes share. Null, or why it could not. */
  open(chain: ChainFile): Promise<string | null>;
  /** Removes all that was made, whatever state it is in. Null, or what is left behind and why. Safe to call after a failed `open`. */
  close(): Promise<string | null>;
}

/** The parameters of the run's chain, for a node's `--chain`. */
export interface ChainFile {
  readonly path: string;
  readonly json: string;
}

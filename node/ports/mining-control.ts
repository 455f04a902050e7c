import type { BlockEntry } from "../core/state/block-entry.ts";

/** `continuous`: whenever there is work. `demand`: one block when asked. `off`: never. */
export type MiningMode = "continuous" | "demand" | "off";

export const MINING_MODES: readonly ["continuous", "demand", "off"] = ["continuous", "demand", "off"];

/** What an operator may ask of a live node's miner. */
export interface MiningControl {
  readonly mode: MiningMode;
  readonly hashesPerSecAsked: number;
  /** Hashes that were tried since the start; where blocks are drawn, as many as the rate stands for. */
  hashesTried(): number;
  setMode(mode: MiningMode): void;
  setHashRate(view: number, hashesPerSec: number): void;
  /** One block, now, in mode `demand`; null if none was found within the deadline, which is all that a hash rate lets be promised. */
  mineOne(deadlineMs: number): Promise<BlockEntry | null>;
}

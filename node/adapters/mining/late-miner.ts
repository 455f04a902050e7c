import type { BlockEntry } from "../../core/state/block-entry.ts";
import type { Miner } from "../../ports/miner.ts";

/** Stands in for a miner until there is one: a host needs a miner to be made, and a miner needs the host. */
export class LateMiner implements Miner {
  current: Miner | null = null;

  tipChanged(view: number, tip: BlockEntry): void {
    this.current?.tipChanged(view, tip);
  }

  setHashRate(view: number, hashesPerSec: number): void {
    this.current?.setHashRate(view, hashesPerSec);
  }
}

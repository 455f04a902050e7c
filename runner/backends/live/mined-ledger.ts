import type { Hex } from "../../../node/core/chain/types.ts";
import type { BlockMined, RunEvent } from "../../record/run-event.ts";
import type { FetchedBlock } from "./node-client.ts";

/** How many blocks are fetched at the end of a run: a crash loses the news of one block or two, more is another fault. */
export const UNHEARD_BLOCKS_MAX = 1_000;

/**
 * Blocks that somebody held and that nobody was heard to mine: their miner was killed between the two. They are part of the run's chain,
 * so the journal needs them.
 */
export class MinedLedger {
  readonly #mined = new Set<Hex>();
  /** Who held the block, by hash. */
  readonly #unheard = new Map<Hex, number>();

  hear(event: RunEvent): void {
    if (event.type === "block-mined") {
      this.#mined.add(event.hash);
      this.#unheard.delete(event.hash);
    } else if (event.type === "block-received" && !this.#mined.has(event.hash))
      this.#unheard.set(event.hash, event.node);
    else if (event.type === "tip-changed" && event.connected > 0 && !this.#mined.has(event.hash))
      this.#unheard.set(event.hash, event.node);
  }

  /** Hash and a node that held it. */
  unheard(): (readonly [Hex, number])[] {
    return [...this.#unheard].slice(0, UNHEARD_BLOCKS_MAX);
  }
}

/** The event that was lost, as far as the block tells it. When it was mined is not in it, so the header's time stands for it. */
export function minedEventOf(block: FetchedBlock, node: number, startEpochUs: number): BlockMined {
  const { hash, parentHash, height, timeMs, work, sizeBytes, transactions } = block;
  return {
    type: "block-mined",
    atUs: Math.round(timeMs * 1_000 - startEpochUs),
    node,
    hash,
    parentHash,
    height,
    timeMs,
    work,
    sizeBytes,
    transactionIds: transactions.slice(1).map(({ id }) => id),
  };
}

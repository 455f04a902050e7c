import type { Hex } from "../../node/core/chain/types.ts";
import type { Micros } from "../../node/core/support/micros.ts";
import type { BlockMined } from "../record/run-event.ts";

/** A block of the run. Genesis is none: nobody mined it. */
export interface RunBlock {
  /** Place in the order of mining, from 0. */
  readonly index: number;
  readonly hash: Hex;
  readonly parentHash: Hex;
  /** Null for a child of genesis, and for a block that the journal does not connect to genesis. */
  readonly parent: RunBlock | null;
  readonly height: number;
  readonly miner: number;
  readonly minedAtUs: Micros;
  readonly timeMs: number;
  readonly work: bigint;
  /** Work from the child of genesis to here; null if the journal does not connect the block to genesis. */
  readonly totalWork: bigint | null;
  readonly sizeBytes: number;
  readonly transactionIds: readonly Hex[];
  readonly isFinal: boolean;
}

/** Every block that anyone mined, whether or not others ever saw it. */
export interface RunTree {
  /** In the order of mining. */
  readonly blocks: readonly RunBlock[];
  readonly byHash: ReadonlyMap<Hex, RunBlock>;
  /** From height 1 to the tip, no gaps: `finalChain[h - 1]` has height h. Empty if nothing was mined. */
  readonly finalChain: readonly RunBlock[];
  /** What the first block of height 1 built on; null if nothing was mined. */
  readonly genesisHash: Hex | null;
  /** Hashes that were journalled as mined more than once; the first is kept. */
  readonly minedTwice: readonly Hex[];
  /** Blocks with an unknown parent, another genesis or a height that does not follow: the journal has a hole. */
  readonly detached: readonly RunBlock[];
}

type Draft = { -readonly [Key in keyof RunBlock]: RunBlock[Key] };

/**
 * The tree of all blocks and its final chain: the chain of most work, and among equals the one whose tip was mined
 * first (by time, then by place in the journal; `mined` comes in that order). It is what every node would choose
 * that had received each block the moment it was mined, so no node's bad luck decides which block is stale.
 */
export function buildTree(mined: readonly BlockMined[]): RunTree {
  const byHash = new Map<Hex, Draft>();
  const minedTwice: Hex[] = [];
  for (const event of mined) {
    if (byHash.has(event.hash)) minedTwice.push(event.hash);
    else byHash.set(event.hash, draftOf(event, byHash.size));
  }
  const blocks = [...byHash.values()];
  const genesisHash = blocks.find((block) => block.height === 1)?.parentHash ?? null;
  connect(blocks, byHash, genesisHash);
  const finalChain = markFinal(blocks);
  const detached = blocks.filter((block) => block.totalWork === null);
  return { blocks, byHash, finalChain, genesisHash, minedTwice, detached };
}

function draftOf(event: BlockMined, index: number): Draft {
  return {
    index,
    hash: event.hash,
    parentHash: event.parentHash,
    parent: null,
    height: event.height,
    miner: event.node,
    minedAtUs: event.atUs,
    timeMs: event.timeMs,
    work: event.work,
    totalWork: null,
    sizeBytes: event.sizeBytes,
    transactionIds: event.transactionIds,
    isFinal: false,
  };
}

function connect(blocks: readonly Draft[], byHash: ReadonlyMap<Hex, Draft>, genesisHash: Hex | null): void {
  // By height, since clocks of live nodes may put a child a moment before its parent.
  for (const block of [...blocks].sort((a, b) => a.height - b.height)) {
    if (block.height === 1) {
      block.totalWork = block.parentHash === genesisHash ? block.work : null;
      continue;
    }
    const parent = byHash.get(block.parentHash);
    if (parent === undefined || parent.height !== block.height - 1 || parent.totalWork === null) continue;
    block.parent = parent;
    block.totalWork = parent.totalWork + block.work;
  }
}

function markFinal(blocks: readonly Draft[]): RunBlock[] {
  let tip: Draft | null = null;
  let most = 0n;
  for (const block of blocks)
    if (block.totalWork !== null && (tip === null || block.totalWork > most)) {
      tip = block;
      most = block.totalWork;
    }
  const chain: RunBlock[] = [];
  for (let block: Draft | null = tip; block !== null; block = block.parent) {
    block.isFinal = true;
    chain.push(block);
  }
  return chain.reverse();
}

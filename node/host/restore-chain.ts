import type { Header, Hex } from "../core/chain/types.ts";
import type { NodeMachine } from "../core/machine/node-machine.ts";
import type { Violation } from "../core/rules/violation.ts";
import { UNKNOWN } from "../core/state/belief-columns.ts";
import type { BlockEntry } from "../core/state/block-entry.ts";
import type { BlockTree } from "../core/state/block-tree.ts";
import { isBetter, parentOf } from "../core/state/fork-choice.ts";
import type { Micros } from "../core/support/micros.ts";
import type { StoredHeader } from "../ports/chain-store.ts";

/** A stored block that has its place in the tree. */
export interface FoundBlock {
  readonly block: BlockEntry;
  readonly hasBody: boolean;
}

export interface EnteredHeaders {
  /** Parents before children. */
  readonly found: readonly FoundBlock[];
  /** Blocks whose ancestor is missing: known again when its header comes from a peer. */
  readonly strandedCount: number;
  /** The first stored block that breaks a rule: the disk belongs to other rules, or somebody changed it. */
  readonly broken: { readonly hash: Hex; readonly violation: Violation } | null;
}

/**
 * Enters stored headers into a tree, each checked as if it came from a peer, and tells of each that has its place. In the order of storing; a
 * mended one may come after its children.
 */
export function enterStored<Stored extends StoredHeader>(
  tree: BlockTree,
  headers: Iterable<Stored>,
  onEntered: (block: BlockEntry, stored: Stored) => void,
): EnteredHeaders {
  const found: FoundBlock[] = [];
  const waiting = new Map<Hex, Stored[]>();
  const miners = new Map<Hex, Hex>();
  let waitingCount = 0;
  for (const stored of headers) {
    const parent = tree.get(stored.header.parentHash);
    if (parent === null) {
      waiting.set(stored.header.parentHash, [...(waiting.get(stored.header.parentHash) ?? []), stored]);
      waitingCount++;
      continue;
    }
    const ready = [stored];
    for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
      const { header, sizeBytes, hasBody } = next;
      const shared = shareTexts(header, tree, miners);
      const entered = tree.enterStored(shared, sizeBytes);
      if (!entered.ok) return { found, strandedCount: waitingCount, broken: entered };
      found.push({ block: entered.block, hasBody });
      onEntered(entered.block, next);
      const children = waiting.get(entered.block.hash) ?? [];
      waitingCount -= children.length;
      waiting.delete(entered.block.hash);
      ready.push(...children);
    }
  }
  return { found, strandedCount: waitingCount, broken: null };
}

/** Miners whose keys are kept once for all their blocks; beyond them each block has its own text of it. */
const SHARED_MINERS_MAX = 10_000;

/** Headers of one chain repeat each other's texts, which would each be kept once more. */
function shareTexts(header: Header, tree: BlockTree, miners: Map<Hex, Hex>): Header {
  const parentHash = tree.get(header.parentHash)?.hash ?? header.parentHash;
  const miner = miners.get(header.miner) ?? header.miner;
  if (miners.size < SHARED_MINERS_MAX) miners.set(miner, miner);
  return { ...header, parentHash, miner };
}

export interface Restored {
  readonly heldCount: number;
  /** Of these: without their bodies, which are asked of peers. */
  readonly lostCount: number;
  /** Damaged where the ledger depends on them, or on top of such a block: not held until that has come again from peers. */
  readonly strandedCount: number;
  /** Height of the kept ledger that the start went on from; 0 for genesis. */
  readonly fromHeight: number;
  /** Blocks that were applied again on top of it. */
  readonly appliedCount: number;
  readonly broken: EnteredHeaders["broken"];
}

/** By index of a block: it leads to the kept ledger, it stands on it, it may be built upon. */
const BELOW = 1;
const ABOVE = 2;
const USABLE = 4;

export interface RestoreOptions {
  /** Told of each block that is held, lost bodies included. */
  readonly onHeld?: (block: BlockEntry) => void;
  /** Blocks whose ledgers can be had, height descending; null to look in the tree's archive. A simulation's tree has them all in memory. */
  readonly kept?: readonly BlockEntry[] | null;
}

function highestBelow(tip: BlockEntry, kept: readonly BlockEntry[], genesis: BlockEntry): BlockEntry {
  for (const block of kept) {
    let at = tip;
    while (at.header.height > block.header.height) at = parentOf(at);
    if (at === block) return block;
  }
  return genesis;
}

/**
 * Puts a node back on the blocks that it stored: what leads to the newest kept ledger is taken as it is, what stands on it is applied again, and
 * branches that left before it are taken as valid as they were. Whatever is damaged is left out and told of; the rest of the chain stands
 * wherever a ledger can be had without it. Before anything else happens to the node; announces nothing.
 */
export function restoreChain(
  machine: NodeMachine,
  found: readonly FoundBlock[],
  nowUs: Micros,
  { onHeld = () => undefined, kept = null }: RestoreOptions = {},
): Restored {
  const { tree } = machine;
  const last = found.reduce((max, { block }) => Math.max(max, block.index), 0);
  const marks = new Uint8Array(last + 1);
  marks[tree.genesis.index] = USABLE;
  const best = found.reduce((top, { block }) => (isBetter(block, top) ? block : top), tree.genesis);
  const base = kept === null ? tree.highestKept(best) : highestBelow(best, kept, tree.genesis);
  for (let at = base; at.parent !== null; at = at.parent) marks[at.index] = BELOW | USABLE;
  marks[base.index] = (marks[base.index] as number) | ABOVE;

  const counts = { heldCount: 0, lostCount: 0, strandedCount: 0, appliedCount: 0 };
  const fromHeight = base.header.height;
  const strand = (block: BlockEntry) => {
    tree.unhold(block, machine.view, UNKNOWN);
    counts.strandedCount++;
  };
  for (const { block, hasBody } of found) {
    const mark = marks[block.index] as number;
    const parentMark = marks[parentOf(block).index] as number;
    if ((mark & BELOW) !== 0) {
      tree.trust(block);
    } else if ((parentMark & USABLE) === 0 || !hasBody) {
      strand(block);
      if (hasBody) machine.stranded(block);
      continue;
    } else if ((parentMark & ABOVE) !== 0) {
      if (!block.judged && tree.bodyOf(block) === null) {
        strand(block);
        continue;
      }
      const violation = tree.judge(block);
      if (violation !== null) return { ...counts, fromHeight, broken: { hash: block.hash, violation } };
      counts.appliedCount++;
      marks[block.index] = ABOVE | USABLE;
    } else {
      tree.trust(block);
      marks[block.index] = USABLE;
    }
    // One that lacks its body may be the tip all the same.
    machine.restore(block);
    onHeld(block);
    counts.heldCount++;
    if (hasBody) continue;
    machine.lost(block, nowUs);
    counts.lostCount++;
  }
  tree.standOn(machine.tip);
  return { ...counts, fromHeight, broken: null };
}

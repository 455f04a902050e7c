import type { BlockEntry } from "../../../node/core/state/block-entry.ts";
import type { Prng } from "../../../node/core/support/prng.ts";
import type { FoundBlock } from "../../../node/host/restore-chain.ts";
import { SimStore } from "./sim-store.ts";

/** The process ends in the middle of a write: thrown through whatever asked for it, to whoever runs the simulation. */
export class WriteInterrupted extends Error {
  override readonly name = "WriteInterrupted";
  readonly view: number;
  readonly block: BlockEntry;

  constructor(view: number, block: BlockEntry) {
    super(`node-${view} died while it stored ${block.hash}`);
    this.view = view;
    this.block = block;
  }
}

/** What may be left of a write that was not synced. */
const FATES = ["lost", "torn", "whole"] as const;

/** A block on a disk. */
interface DiskRecord {
  readonly block: BlockEntry;
  /** What is synced survives; of the rest a crash decides. */
  isSynced: boolean;
  /** Whether the bytes are as they were written: what a checksum tells. */
  isWhole: boolean;
  /** What stood there before, until the write is synced: a transaction leaves the one or the other. */
  before: DiskRecord | null;
  /** The same of the body alone; the header can be had from the header record. */
  hasBody: boolean;
}

/** Heights from one kept ledger to the next, and below the highest block: a live node's are 500 and 12, and random scenarios are short. */
const LEDGER_STEP_HEIGHTS = 4;
const LEDGER_DEPTH_HEIGHTS = 2;

/**
 * Disks that lose and tear what was not synced when a process ends, and whose records may rot. What becomes of a write is drawn for node and write, so
 * that a fault moves no other draw. What a start finds is what the live store's checksums would let through.
 */
export class SimDisk extends SimStore {
  readonly #prng: Prng;
  readonly #records: DiskRecord[][];
  readonly #byBlock: Map<BlockEntry, DiskRecord>[];
  /** By node whose process is to end in a write: how many it still completes. */
  readonly #dying = new Map<number, number>();
  #writeCount = 0;

  constructor(nodeCount: number, prng: Prng) {
    super(nodeCount);
    this.#prng = prng;
    this.#records = Array.from({ length: nodeCount }, () => []);
    this.#byBlock = Array.from({ length: nodeCount }, () => new Map());
  }

  /** The process of this node ends in the middle of a write, after so many that it completes. */
  dieWriting(view: number, completedCount: number): void {
    this.#dying.set(view, completedCount);
  }

  isDying(view: number): boolean {
    return this.#dying.has(view);
  }

  override append(view: number, block: BlockEntry): void {
    this.write(view, block);
    const left = this.#dying.get(view);
    if (left !== undefined) this.#dying.set(view, left - 1);
    if (left === 0) throw new WriteInterrupted(view, block);
    this.sync(view);
  }

  /** The process is gone, and with it what it had under way. */
  crashed(view: number): void {
    this.#dying.delete(view);
    const records = this.#recordsOf(view);
    for (const record of records.filter(({ isSynced }) => !isSynced)) {
      const fate = FATES[this.#drawOf(view).integer(FATES.length)];
      if (fate !== "whole" && record.before !== null) {
        this.#put(view, record.before);
        continue;
      }
      record.isSynced = true;
      record.isWhole = fate === "whole";
      record.hasBody = fate === "whole";
      if (fate === "lost") this.#forget(view, record);
    }
  }

  /** One record of the node rots while it is down, its body or all of it, of a block that may. The block, or null if there is none. */
  damage(view: number, mayRot: (block: BlockEntry) => boolean): BlockEntry | null {
    const records = this.#recordsOf(view).filter(
      ({ isWhole, hasBody, block }) => isWhole && hasBody && mayRot(block),
    );
    const draw = this.#drawOf(view);
    const record = records[draw.integer(Math.max(1, records.length))];
    if (record === undefined) return null;
    record.hasBody = false;
    record.isWhole = draw.uniform() < 0.7;
    return record.block;
  }

  /** What the checksums let through. A block whose record is damaged as a whole is given without its body: a simulation's tree knows its header. */
  override found(view: number): readonly FoundBlock[] {
    return this.#recordsOf(view).map(({ block, hasBody }) => ({ block, hasBody }));
  }

  /** Those that are as they were written. */
  wholeBlocks(view: number): readonly BlockEntry[] {
    return this.#recordsOf(view).flatMap(({ block, isWhole, hasBody }) =>
      isWhole && hasBody ? [block] : [],
    );
  }

  /** Blocks whose ledgers the node keeps, height descending, and to which every header leads. */
  override kept(view: number): readonly BlockEntry[] {
    const records = this.#recordsOf(view);
    const heightMax = records.reduce((max, { block }) => Math.max(max, block.header.height), 0);
    return records
      .map(({ block }) => block)
      .filter(
        ({ header: { height } }) =>
          height % LEDGER_STEP_HEIGHTS === 0 && height <= heightMax - LEDGER_DEPTH_HEIGHTS,
      )
      .filter((block) => this.#isLinked(view, block))
      .sort((a, b) => b.header.height - a.header.height);
  }

  protected write(view: number, block: BlockEntry): void {
    const before = this.#byBlock[view]?.get(block) ?? null;
    this.#put(view, { block, isSynced: false, isWhole: true, hasBody: true, before });
  }

  protected sync(view: number): void {
    const records = this.#recordsOf(view);
    // What is not synced was written last, but for a damaged record that was written again.
    for (const record of records) {
      record.isSynced = true;
      record.before = null;
    }
  }

  /** In the place of what is known of the block. */
  #put(view: number, record: DiskRecord): void {
    const known = this.#byBlock[view]?.get(record.block);
    if (known === undefined) this.#recordsOf(view).push(record);
    else this.#recordsOf(view)[this.#recordsOf(view).indexOf(known)] = record;
    this.#byBlock[view]?.set(record.block, record);
  }

  #isLinked(view: number, block: BlockEntry): boolean {
    for (let at = block; at.parent !== null; at = at.parent)
      if (this.#byBlock[view]?.get(at)?.isWhole !== true) return false;
    return true;
  }

  #forget(view: number, record: DiskRecord): void {
    this.#recordsOf(view).splice(this.#recordsOf(view).indexOf(record), 1);
    this.#byBlock[view]?.delete(record.block);
  }

  #recordsOf(view: number): DiskRecord[] {
    return this.#records[view] as DiskRecord[];
  }

  #drawOf(view: number): Prng {
    this.#writeCount++;
    return this.#prng.stream(`node ${view} draw ${this.#writeCount}`);
  }
}

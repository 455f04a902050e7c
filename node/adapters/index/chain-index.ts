import type { TransactionFacts } from "../../core/chain/transaction-facts.ts";
import type { Hex, TransactionBody } from "../../core/chain/types.ts";
import type { BlockEntry } from "../../core/state/block-entry.ts";
import type { ChainPosition, ChainQueries, PlacePage, TransactionPlace } from "../../ports/chain-queries.ts";
import type { Telemetry } from "../../ports/telemetry.ts";
import { AccountOrdinals } from "./account-ordinals.ts";
import { IdTable } from "./id-table.ts";

/**
 * Transactions that are found by id and account: some 50 bytes each, so 50 MB at most. Beyond it those of the oldest blocks are let go. An hour
 * of a busy experiment has a thirtieth of it.
 */
export const INDEXED_COUNT_MAX = 1_000_000;

/** Time that looking through blocks may take before other work gets its turn, ms. */
const SLICE_MS = 5;

export type BodyOf = (block: BlockEntry) => readonly TransactionFacts[] | null;

/**
 * Follows the best chain of a live node: blocks by height at once, their transactions in slices, since after a start there may be a hundred thousand
 * blocks to look through. Every transaction has a number in the order of the chain, its ordinal; those of a block that leaves the chain are given anew.
 */
export class ChainIndex implements ChainQueries, Telemetry {
  fromHeight = 0;
  readonly bodyOf: BodyOf;
  readonly #countMax: number;
  /** Under what a transaction is found: the accounts that it concerns, and what its application adds. */
  readonly #labelsOf: (facts: TransactionFacts) => readonly string[];
  /** The best chain, genesis first. */
  readonly #blocks: BlockEntry[];
  /** By height: the ordinal of the block's first transaction. One longer than the blocks that were looked through. */
  readonly #firstOrdinals: number[] = [0];
  readonly #ids = new IdTable();
  readonly #accounts = new AccountOrdinals();
  /** The last block that was looked through; null before genesis was. */
  #indexed: BlockEntry | null = null;
  #next: NodeJS.Immediate | null = null;

  constructor(
    tip: BlockEntry,
    bodyOf: BodyOf,
    countMax = INDEXED_COUNT_MAX,
    labelsOf: (body: TransactionBody) => readonly string[] = () => [],
  ) {
    this.bodyOf = bodyOf;
    this.#labelsOf = (facts) => [...accountsOf(facts), ...labelsOf(facts.tx.body)];
    this.#countMax = countMax;
    this.#blocks = new Array(tip.header.height + 1);
    this.#follow(tip);
    this.#advance();
  }

  get isBehind(): boolean {
    return this.#indexed !== this.#blocks.at(-1);
  }

  ancestorAt(tip: BlockEntry, height: number): BlockEntry | null {
    if (height < 0 || height > tip.header.height) return null;
    // Down to where the chain is the best one again, which mostly is at once.
    let at: BlockEntry | null = tip;
    while (at !== null && at.header.height > height && this.#blocks[at.header.height] !== at) at = at.parent;
    return at === null || at.header.height === height ? at : (this.#blocks[height] ?? null);
  }

  placeOf(id: Hex): TransactionPlace | null {
    for (const ordinal of this.#ids.candidates(id)) {
      const place = this.#placeAt(ordinal);
      if (place !== null && this.bodyOf(place.block)?.[place.index]?.id === id) return place;
    }
    return null;
  }

  latest(before: ChainPosition | null, limit: number): PlacePage {
    const first = this.#firstOrdinals[this.fromHeight] ?? 0;
    const count = this.#nextOrdinal - first;
    const end = before === null ? count : Math.min(count, Math.max(0, this.#ordinalOf(before) - first));
    return this.#page(count, end, limit, (at) => first + at);
  }

  historyOf(account: Hex, before: ChainPosition | null, limit: number): PlacePage {
    const ordinals = this.#accounts.of(account);
    const beforeOrdinal = before === null ? Number.POSITIVE_INFINITY : this.#ordinalOf(before);
    const end = firstWhere(ordinals.length, (at) => (ordinals[at] as number) >= beforeOrdinal);
    return this.#page(ordinals.length, end, limit, (at) => ordinals[at] as number);
  }

  close(): void {
    if (this.#next !== null) clearImmediate(this.#next);
  }

  // Telemetry: of what happens in a node only the tip matters here.

  tipChanged(_view: number, tip: BlockEntry): void {
    this.#follow(tip);
    this.#advance();
  }

  blockMined(): void {
    // Until it is on the best chain nobody asks for it by height.
  }

  blockReceived(): void {
    // As with those that were mined here.
  }

  blockRefused(): void {
    // Never on a chain.
  }

  noticed(): void {
    // About peers and headers, not about the chain.
  }

  transactionSubmitted(): void {
    // The mempool knows it until a block has it.
  }

  get #nextOrdinal(): number {
    return this.#firstOrdinals.at(-1) ?? 0;
  }

  #follow(tip: BlockEntry): void {
    this.#blocks.length = tip.header.height + 1;
    for (
      let at: BlockEntry | null = tip;
      at !== null && this.#blocks[at.header.height] !== at;
      at = at.parent
    )
      this.#blocks[at.header.height] = at;
  }

  /** Goes on towards the tip, for a slice of time; what is left follows in later turns. */
  #advance(): void {
    const endMs = performance.now() + SLICE_MS;
    for (let count = 0; this.isBehind; count += 1) {
      if (count % 8 === 7 && performance.now() > endMs) {
        this.#next ??= setImmediate(() => {
          this.#next = null;
          this.#advance();
        });
        return;
      }
      const at = this.#indexed;
      if (at !== null && this.#blocks[at.header.height] !== at) this.#disconnect(at);
      else this.#connect(this.#blocks[at === null ? 0 : at.header.height + 1] as BlockEntry);
    }
  }

  #connect(block: BlockEntry): void {
    let ordinal = this.#nextOrdinal;
    for (const facts of this.bodyOf(block) ?? []) {
      this.#ids.add(facts.id, ordinal);
      for (const label of this.#labelsOf(facts)) this.#accounts.push(label, ordinal);
      ordinal += 1;
    }
    this.#firstOrdinals.push(ordinal);
    this.#indexed = block;
    while (
      ordinal - (this.#firstOrdinals[this.fromHeight] ?? 0) > this.#countMax &&
      this.fromHeight < block.header.height
    )
      this.#letGoOldest();
  }

  #disconnect(block: BlockEntry): void {
    this.#firstOrdinals.pop();
    const first = this.#nextOrdinal;
    for (const [index, facts] of (this.bodyOf(block) ?? []).entries()) {
      this.#ids.remove(facts.id, first + index);
      for (const label of this.#labelsOf(facts)) this.#accounts.cut(label, first);
    }
    this.#indexed = block.parent;
    this.fromHeight = Math.min(this.fromHeight, block.header.height);
  }

  #letGoOldest(): void {
    const block = this.#blocks[this.fromHeight] as BlockEntry;
    const first = this.#firstOrdinals[this.fromHeight] as number;
    this.fromHeight += 1;
    const below = this.#firstOrdinals[this.fromHeight] as number;
    for (const [index, facts] of (this.bodyOf(block) ?? []).entries()) {
      this.#ids.remove(facts.id, first + index);
      for (const label of this.#labelsOf(facts)) this.#accounts.letGo(label, below);
    }
  }

  #ordinalOf({ height, index }: ChainPosition): number {
    return (this.#firstOrdinals[height] ?? this.#nextOrdinal) + index;
  }

  #placeAt(ordinal: number): TransactionPlace | null {
    if (ordinal >= this.#nextOrdinal) return null;
    const above = firstWhere(
      this.#firstOrdinals.length,
      (at) => (this.#firstOrdinals[at] as number) > ordinal,
    );
    const block = this.#blocks[above - 1];
    return block === undefined
      ? null
      : { block, index: ordinal - (this.#firstOrdinals[above - 1] as number) };
  }

  /** Of a list of `count`, those before `end`, backwards. */
  #page(count: number, end: number, limit: number, ordinalAt: (at: number) => number): PlacePage {
    const places: TransactionPlace[] = [];
    for (let at = end - 1; at >= 0 && places.length < limit; at -= 1) {
      const place = this.#placeAt(ordinalAt(at));
      if (place !== null) places.push(place);
    }
    const last = places.at(-1);
    const isLast = last === undefined || end <= limit;
    return { count, places, next: isLast ? null : { height: last.block.header.height, index: last.index } };
  }
}

/** Whom a transaction concerns. */
export function accountsOf({ tx }: TransactionFacts): readonly Hex[] {
  return tx.body.kind === "transfer" ? [tx.sender, tx.body.recipient] : [tx.sender];
}

/** The first of 0 to `count` for which a condition holds that, once it holds, goes on to; `count` if it never does. */
function firstWhere(count: number, holds: (at: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

import { hexToBytes } from "../chain/hex.ts";
import { sipHash24 } from "../chain/sip-hash.ts";
import type { TransactionFacts } from "../chain/transaction-facts.ts";
import type { Hex } from "../chain/types.ts";

/** Transactions of a block that goes as short ids, at most: their positions fit into two bytes. Larger blocks are announced. */
export const COMPACT_COUNT_MAX = 65_535;

/**
 * Bytes of transactions that go whole beside the short ids, at most, without the coinbase's: what a peer that has them after all pays in vain.
 * Source: BIP 152, which says so of `prefilledtxn`.
 */
export const PREFILLED_BYTES_MAX = 10_000;

/** Bytes of a short id. Source: BIP 152. */
export const SHORT_ID_BYTES = 6;

/**
 * Short ids of transactions for one block: the low 48 bits of SipHash-2-4 of the id, as in BIP 152. The key is the last 16 bytes of the block's hash:
 * it follows from transactions that were chosen before, so nobody can make two transactions that collide in a block that is still to be
 * found; and all who send the block send the same message. BIP 152 adds a number of the sender's, for which each would need its own.
 */
export class ShortIds {
  readonly #key: Uint8Array;

  constructor(blockHash: Hex) {
    this.#key = hexToBytes(blockHash).subarray(16);
  }

  /** Below 2^48. */
  of(id: Hex): number {
    const { high, low } = sipHash24(this.#key, hexToBytes(id));
    return (high & 0xffff) * 2 ** 32 + low;
  }
}

/** A transaction of a block and its place there; the coinbase's is 0. */
export interface PlacedTransaction {
  readonly position: number;
  readonly facts: TransactionFacts;
}

/** No transactions but the coinbase. */
export const NO_POSITIONS: readonly number[] = [];

/**
 * Positions of the transactions that peers are likely to lack, ascending, without the coinbase's: those that were not `spread`. None when they are more
 * than may be sent: a part would not save a peer its question, and who lacks so much has a mempool that says nothing of others'.
 * Source: BIP 152, `prefilledtxn`.
 */
export function likelyLacked(
  transactions: readonly TransactionFacts[],
  isSpread: (id: Hex) => boolean,
): readonly number[] {
  let positions = NO_POSITIONS as number[];
  let bytes = 0;
  for (let position = 1; position < transactions.length; position++) {
    const { id, sizeBytes } = transactions[position] as TransactionFacts;
    if (isSpread(id)) continue;
    bytes += sizeBytes;
    if (bytes > PREFILLED_BYTES_MAX) return NO_POSITIONS;
    if (positions === NO_POSITIONS) positions = [];
    positions.push(position);
  }
  return positions;
}

/**
 * The transactions of a block that goes as short ids, as far as they are known here: `prefilled` at their places, the others in their order, null where
 * one is lacking or where two of `known` have its short id. Null altogether when two of the block's own have the same: then it must come whole.
 */
export function fillSlots(
  shortIds: readonly number[],
  prefilled: readonly PlacedTransaction[],
  known: Iterable<TransactionFacts>,
  shortIdOf: (id: Hex) => number,
): (TransactionFacts | null)[] | null {
  const slots: (TransactionFacts | null)[] = new Array(shortIds.length + prefilled.length).fill(null);
  for (const { position, facts } of prefilled) slots[position] = facts;
  if (shortIds.length === 0) return slots;
  const positions = new Map<number, number>();
  let free = 0;
  for (const shortId of shortIds) {
    while (slots[free] !== null) free++;
    positions.set(shortId, free++);
  }
  if (positions.size < shortIds.length) return null;
  const taken = new Set<number>();
  for (const facts of known) {
    const position = positions.get(shortIdOf(facts.id));
    if (position === undefined) continue;
    slots[position] = taken.has(position) ? null : facts;
    taken.add(position);
  }
  return slots;
}

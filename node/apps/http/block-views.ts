import { encodeBlock } from "../../core/chain/block-bytes.ts";
import type { TransactionFacts } from "../../core/chain/transaction-facts.ts";
import type { Header, Hex } from "../../core/chain/types.ts";
import type { BlockEntry } from "../../core/state/block-entry.ts";

/** As much of a block as a view of it needs. */
export interface ViewedBlock {
  readonly hash: Hex;
  readonly header: Header;
}

/** Makes of a block what the clients of an application see of it: values that JSON keeps. */
export type RenderBlock = (
  block: ViewedBlock,
  transactions: readonly TransactionFacts[],
) => Readonly<Record<string, unknown>>;

/** Views that are kept, since a block never changes: those of the newest thousands of small blocks. */
const VIEW_BYTES_MAX = 16 * 1024 * 1024;

/** Blocks as the clients of one application see them, as JSON; those that were asked for last are kept. */
export class BlockViews {
  readonly render: RenderBlock;
  readonly #bodyOf: (block: BlockEntry) => readonly TransactionFacts[] | null;
  /** The one that was asked for longest ago first. */
  readonly #kept = new Map<Hex, Buffer>();
  #bytes = 0;

  constructor(render: RenderBlock, bodyOf: (block: BlockEntry) => readonly TransactionFacts[] | null) {
    this.render = render;
    this.#bodyOf = bodyOf;
  }

  /** Null: its body is lost. `keeps` false for a reader of the whole chain, who would push out what others ask for. */
  json(block: BlockEntry, keeps = true): Buffer | null {
    const kept = this.#kept.get(block.hash);
    if (kept !== undefined) return kept;
    const transactions = this.#bodyOf(block);
    if (transactions === null) return null;
    const json = Buffer.from(JSON.stringify(this.render(block, transactions)));
    if (!keeps) return json;
    this.#kept.set(block.hash, json);
    this.#bytes += json.length;
    for (const [hash, { length }] of this.#kept) {
      if (this.#bytes <= VIEW_BYTES_MAX) break;
      this.#kept.delete(hash);
      this.#bytes -= length;
    }
    return json;
  }
}

/** A whole block in the field of its own that every view has: whoever is offered the view can take the block from it. Genesis has none. */
export function canonicalField(
  { header }: ViewedBlock,
  transactions: readonly TransactionFacts[],
): string | null {
  if (header.height === 0) return null;
  const bytes = encodeBlock({ header, transactions: transactions.map(({ tx }) => tx) });
  return Buffer.from(bytes).toString("base64");
}

/** A nonce as a number where JSON readers keep it exact, else as its digits: that of a block that was drawn and not hashed. */
export function nonceField(nonce: bigint): number | string {
  return nonce <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(nonce) : nonce.toString();
}

import type { TransactionFacts } from "../../core/chain/transaction-facts.ts";
import type { Hex } from "../../core/chain/types.ts";
import type { BlockEntry } from "../../core/state/block-entry.ts";
import { blockJson } from "./block-json.ts";
import { alone, compressPiece, type GzipPiece } from "./gzip-pieces.ts";

/**
 * Blocks as JSON that are kept, since a block never changes: plain and compressed together. What readers ask for most, the newest
 * hundreds of small blocks, fits many times.
 */
export const ENCODED_BYTES_MAX = 8 * 1024 * 1024;

interface Encoded {
  readonly json: Buffer;
  piece: GzipPiece | null;
}

/** The bytes of blocks as JSON, those that were asked for last kept. */
export class EncodedBlocks {
  readonly #bodyOf: (block: BlockEntry) => readonly TransactionFacts[] | null;
  /** The one that was asked for longest ago first. */
  readonly #kept = new Map<Hex, Encoded>();
  #bytes = 0;

  constructor(bodyOf: (block: BlockEntry) => readonly TransactionFacts[] | null) {
    this.#bodyOf = bodyOf;
  }

  get keptBytes(): number {
    return this.#bytes;
  }

  /** Null: its body is lost. */
  json(block: BlockEntry): Buffer | null {
    return this.#find(block)?.json ?? this.#encode(block, true)?.json ?? null;
  }

  /** The same for a reader of the whole chain, who would push out what others ask for. */
  jsonOnce(block: BlockEntry): Buffer | null {
    return (this.#kept.get(block.hash) ?? this.#encode(block, false))?.json ?? null;
  }

  /** The same, compressed too. */
  async piece(block: BlockEntry): Promise<GzipPiece | null> {
    const encoded = this.#find(block) ?? this.#encode(block, true);
    if (encoded === null) return null;
    if (encoded.piece !== null) return encoded.piece;
    const piece = await compressPiece(encoded.json);
    if (encoded.piece === null && this.#kept.get(block.hash) === encoded) {
      encoded.piece = piece;
      this.#bytes += piece.deflated.length;
      this.#letGo();
    }
    return piece;
  }

  #find(block: BlockEntry): Encoded | null {
    const kept = this.#kept.get(block.hash);
    if (kept === undefined) return null;
    this.#kept.delete(block.hash);
    this.#kept.set(block.hash, kept);
    return kept;
  }

  #encode(block: BlockEntry, keeps: boolean): Encoded | null {
    const transactions = this.#bodyOf(block);
    if (transactions === null) return null;
    const json = Buffer.from(JSON.stringify(blockJson(block, transactions)));
    if (!keeps) return { json, piece: null };
    const encoded = { json: alone(json), piece: null };
    this.#kept.set(block.hash, encoded);
    this.#bytes += encoded.json.length;
    this.#letGo();
    return encoded;
  }

  #letGo(): void {
    for (const [hash, { json, piece }] of this.#kept) {
      if (this.#bytes <= ENCODED_BYTES_MAX) return;
      this.#kept.delete(hash);
      this.#bytes -= json.length + (piece?.deflated.length ?? 0);
    }
  }
}

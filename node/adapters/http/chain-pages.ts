import type { BlockEntry } from "../../core/state/block-entry.ts";
import type { ChainQueries } from "../../ports/chain-queries.ts";
import type { EncodedBlocks } from "./encoded-blocks.ts";
import { compressPiece, joinPieces, storedPiece } from "./gzip-pieces.ts";
import type { BytesReply } from "./reply.ts";

/** Blocks of one answer. */
export const PAGE_COUNT_MAX = 1_000;
export const PAGE_COUNT_DEFAULT = 100;

/** Canonical bytes of the blocks of one answer, unless a single one is larger; as JSON they are some three times as many. */
export const PAGE_BYTES_MAX = 1024 * 1024;

/** Pages that are kept whole, as long as the tip stays: those that several readers ask for at once. */
const PAGES_KEPT_MAX = 4;

export interface PageQuery {
  readonly from?: number | undefined;
  readonly limit?: number | undefined;
}

export interface Page {
  readonly tip: BlockEntry;
  readonly from: number;
  /** Height ascending. */
  readonly blocks: readonly BlockEntry[];
  readonly next: number | null;
}

/** The blocks that a query asks for: from a height on, or the newest. Fewer than the limit where they are large. */
export function pageOf(queries: ChainQueries, tip: BlockEntry, query: PageQuery): Page {
  const { height } = tip.header;
  const limit = query.limit ?? PAGE_COUNT_DEFAULT;
  const blocks: BlockEntry[] = [];
  let bytes = 0;
  const step = query.from === undefined ? -1 : 1;
  for (let at = query.from ?? height; blocks.length < limit; at += step) {
    const block = queries.ancestorAt(tip, at);
    if (block === null) break;
    bytes += block.sizeBytes;
    if (bytes > PAGE_BYTES_MAX && blocks.length > 0) break;
    blocks.push(block);
  }
  if (step < 0) blocks.reverse();
  const from = query.from ?? blocks[0]?.header.height ?? 0;
  const last = blocks.at(-1)?.header.height ?? height;
  return { tip, from, blocks, next: last < height ? last + 1 : null };
}

/** Pages of whole blocks as bytes: put together from blocks that are kept, and kept themselves until the tip moves. */
export class ChainPages {
  readonly #queries: ChainQueries;
  readonly #encoded: EncodedBlocks;
  /** The oldest first. */
  readonly #kept = new Map<string, BytesReply | null>();
  #tip: BlockEntry | null = null;

  constructor(queries: ChainQueries, encoded: EncodedBlocks) {
    this.#queries = queries;
    this.#encoded = encoded;
  }

  /** Null: a block of it is lost. */
  reply(tip: BlockEntry, query: PageQuery): BytesReply | null {
    if (this.#tip !== tip) this.#kept.clear();
    this.#tip = tip;
    const key = `${query.from ?? ""}-${query.limit ?? ""}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    const made = this.#make(pageOf(this.#queries, tip, query), key);
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined && this.#kept.size >= PAGES_KEPT_MAX) this.#kept.delete(oldest);
    this.#kept.set(key, made);
    return made;
  }

  #make({ tip, from, blocks, next }: Page, key: string): BytesReply | null {
    const parts: Buffer[] = [];
    for (const block of blocks) {
      const json = this.#encoded.json(block);
      if (json === null) return null;
      parts.push(parts.length === 0 ? EMPTY : COMMA, json);
    }
    const head = JSON.stringify({ height: tip.header.height, tip: tip.hash, from, next });
    const opening = `${head.slice(0, -1)},"blocks":[`;
    const body = Buffer.concat([Buffer.from(opening), ...parts, Buffer.from(CLOSING)]);
    let gzipped: Promise<Buffer> | null = null;
    return {
      kind: "bytes",
      body,
      etag: `W/"${tip.hash.slice(32)}-${key}"`,
      gzipped: () => {
        gzipped ??= this.#gzip(opening, blocks, body);
        return gzipped;
      },
    };
  }

  async #gzip(opening: string, blocks: readonly BlockEntry[], plain: Buffer): Promise<Buffer> {
    const pieces = [storedPiece(opening)];
    const comma = storedPiece(",");
    for (const block of blocks) {
      const piece = await this.#encoded.piece(block);
      // Let go and lost since: what stands in the plain answer still is true.
      if (piece === null) return joinPieces([await compressPiece(plain)]);
      if (pieces.length > 1) pieces.push(comma);
      pieces.push(piece);
    }
    return joinPieces([...pieces, storedPiece(CLOSING)]);
  }
}

const EMPTY = Buffer.alloc(0);
const COMMA = Buffer.from(",");
const CLOSING = "]}";

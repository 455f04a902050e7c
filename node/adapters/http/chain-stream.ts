import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { constants, createGzip } from "node:zlib";
import type { BlockEntry } from "../../core/state/block-entry.ts";
import type { ChainQueries } from "../../ports/chain-queries.ts";
import { takesGzip } from "./deliver.ts";
import type { EncodedBlocks } from "./encoded-blocks.ts";
import type { Exchange } from "./exchange.ts";

export const NDJSON_TYPE = "application/x-ndjson; charset=utf-8";

/** Bytes that are put together before they are written: a packet for every block would be slow. */
const CHUNK_BYTES = 64 * 1024;

/**
 * The whole chain that ends in `tip`, a block a line, height ascending, as the reader takes it: no more than a chunk is made ahead. It stays the
 * chain of this tip, also when the best chain turns away from it meanwhile. A block that is lost breaks the connection off, lest half a
 * chain pass for a whole one.
 */
export async function streamChain(
  exchange: Exchange,
  { queries, encoded }: { readonly queries: ChainQueries; readonly encoded: EncodedBlocks },
  tip: BlockEntry,
  from: number,
): Promise<void> {
  const headers = { "content-type": NDJSON_TYPE, "x-forklab-tip": tip.hash };
  await streamChunks(exchange, headers, chunksOf(queries, encoded, tip, from));
}

/** Writes an answer piece by piece, as its reader takes it, compressed where the reader takes that. A piece that fails breaks the connection off. */
export async function streamChunks(
  exchange: Exchange,
  headers: Readonly<Record<string, string>>,
  chunks: AsyncGenerator<Buffer>,
): Promise<void> {
  const { response } = exchange;
  const isGzip = takesGzip(exchange.header("accept-encoding"));
  response.writeHead(200, {
    ...headers,
    vary: "accept-encoding",
    ...(isGzip ? { "content-encoding": "gzip" } : {}),
  });
  try {
    if (isGzip) await pipeline(chunks, createGzip({ level: constants.Z_BEST_SPEED }), response);
    else await writeAll(chunks, response);
  } catch {
    // The reader is gone, or a block is lost; neither is news to anyone but the reader.
    response.destroy();
  }
}

async function* chunksOf(
  queries: ChainQueries,
  encoded: EncodedBlocks,
  tip: BlockEntry,
  from: number,
): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let bytes = 0;
  for (let height = from; height <= tip.header.height; height += 1) {
    const block = queries.ancestorAt(tip, height);
    const json = block === null ? null : encoded.jsonOnce(block);
    if (json === null) throw new Error(`the block at height ${height} is lost`);
    parts.push(json, NEW_LINE);
    bytes += json.length + 1;
    if (bytes < CHUNK_BYTES && height < tip.header.height) continue;
    yield Buffer.concat(parts);
    parts = [];
    bytes = 0;
    // Others get their turn, however fast this reader reads.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function writeAll(chunks: AsyncGenerator<Buffer>, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  const abort = () => gone.abort();
  response.once("close", abort);
  for await (const chunk of chunks) {
    if (!response.write(chunk)) await once(response, "drain", { signal: gone.signal });
    if (response.destroyed) return;
  }
  response.off("close", abort);
  response.end();
}

const NEW_LINE = Buffer.from("\n");

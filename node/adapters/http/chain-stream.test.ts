import { createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { BlockAuthor } from "../../../test/support/mined-blocks.ts";
import type { BlockEntry } from "../../core/state/block-entry.ts";
import { ChainIndex } from "../index/chain-index.ts";
import { blockJson } from "./block-json.ts";
import { streamChain } from "./chain-stream.ts";
import { ENCODED_BYTES_MAX, EncodedBlocks } from "./encoded-blocks.ts";
import { Exchange } from "./exchange.ts";

/** A server that streams the chain which ends in `tip`, and what it has made of it so far. */
async function streaming(index: ChainIndex, tip: BlockEntry) {
  let madeCount = 0;
  const encoded = new EncodedBlocks((block) => {
    madeCount += 1;
    return index.bodyOf(block);
  });
  const server = createServer((asked, response) => {
    void streamChain(new Exchange(asked, response), { queries: index, encoded }, tip, 0);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const read = (headers: Record<string, string> = {}) =>
    new Promise<IncomingMessage>((resolve) => {
      request({ host: "127.0.0.1", port, headers, agent: false }, resolve).end();
    });
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { read, close, encoded, made: () => madeCount };
}

async function bytesOf(answer: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const linesOf = (bytes: Buffer) => bytes.toString().trimEnd().split("\n");

function chainTo(tip: BlockEntry): BlockEntry[] {
  const blocks: BlockEntry[] = [];
  for (let at: BlockEntry | null = tip; at !== null; at = at.parent) blocks.unshift(at);
  return blocks;
}

const expected = (tip: BlockEntry) =>
  chainTo(tip).map((block) => JSON.stringify(blockJson(block, block.transactions ?? [])));

test("the whole chain comes a block a line, plain and compressed, and nothing of it is kept", async () => {
  const author = new BlockAuthor();
  const tip = author.chain(author.genesis, 300).at(-1) as BlockEntry;
  const { read, close, encoded } = await streaming(new ChainIndex(tip, (block) => block.transactions), tip);
  const plain = await read();
  expect(plain.headers["x-forklab-tip"]).toBe(tip.hash);
  expect(linesOf(await bytesOf(plain))).toEqual(expected(tip));
  const packed = await read({ "accept-encoding": "gzip" });
  expect(linesOf(gunzipSync(await bytesOf(packed)))).toEqual(expected(tip));
  expect(encoded.keptBytes).toBe(0);
  close();
});

test("a reader that stops reading stops the making, and the chain turning away meanwhile gives it no other blocks", async () => {
  const author = new BlockAuthor();
  // Some ten megabytes as JSON: more than sockets swallow.
  const blocks = author.chain(author.genesis, 12_000);
  const tip = blocks.at(-1) as BlockEntry;
  const index = new ChainIndex(tip, (block) => block.transactions);
  const { read, close, made } = await streaming(index, tip);
  const answer = await read();
  answer.pause();
  let before = -1;
  // Until nothing more is made.
  for (; before !== made(); ) {
    before = made();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(before).toBeLessThan(blocks.length);
  const fork = blocks[2_000] as BlockEntry;
  index.tipChanged(0, author.chain(fork, 10_500).at(-1) as BlockEntry);
  expect(index.ancestorAt(tip, 11_000)).toBe(blocks[10_999]);
  expect(linesOf(await bytesOf(answer))).toEqual(expected(tip));
  close();
});

test("a block that is lost breaks the stream off, so that half a chain passes for no whole one", async () => {
  const author = new BlockAuthor();
  const blocks = author.chain(author.genesis, 900);
  const lost = blocks[600] as BlockEntry;
  const tip = blocks.at(-1) as BlockEntry;
  const index = new ChainIndex(tip, (block) => (block === lost ? null : block.transactions));
  const { read, close } = await streaming(index, tip);
  await expect(read().then(bytesOf)).rejects.toThrow(/aborted/);
  close();
});

test("blocks that are asked for are kept as bytes up to the bound, the latest ones", () => {
  const author = new BlockAuthor();
  const blocks = author.chain(author.genesis, 12_000);
  const encoded = new EncodedBlocks((block) => block.transactions);
  for (const block of blocks) encoded.json(block);
  expect(encoded.keptBytes).toBeLessThanOrEqual(ENCODED_BYTES_MAX);
  expect(encoded.keptBytes).toBeGreaterThan(ENCODED_BYTES_MAX * 0.99);
  const newest = blocks.at(-1) as BlockEntry;
  expect(encoded.json(newest)).toBe(encoded.json(newest));
});

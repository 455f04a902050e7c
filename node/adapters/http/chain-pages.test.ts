import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { BlockAuthor } from "../../../test/support/mined-blocks.ts";
import type { BlockEntry } from "../../core/state/block-entry.ts";
import { ChainIndex } from "../index/chain-index.ts";
import { blockJson } from "./block-json.ts";
import { ChainPages, PAGE_BYTES_MAX, type PageQuery, pageOf } from "./chain-pages.ts";
import { EncodedBlocks } from "./encoded-blocks.ts";

const author = new BlockAuthor();
const blocks = [author.genesis, ...author.chain(author.genesis, 250)];
const tip = blocks.at(-1) as BlockEntry;
const bodyOf = (block: BlockEntry) => block.transactions;

function heights(query: PageQuery) {
  const { from, blocks: some, next } = pageOf(new ChainIndex(tip, bodyOf), tip, query);
  return [from, some.map(({ header }) => header.height), next];
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);

test("a page begins where it is asked to, or ends at the tip, and says where to go on", () => {
  expect(heights({})).toEqual([151, range(151, 250), null]);
  expect(heights({ limit: 3 })).toEqual([248, [248, 249, 250], null]);
  expect(heights({ from: 0, limit: 2 })).toEqual([0, [0, 1], 2]);
  expect(heights({ from: 249 })).toEqual([249, [249, 250], null]);
  expect(heights({ from: 251 })).toEqual([251, [], null]);
  expect(heights({ limit: 1_000 })).toEqual([0, range(0, 250), null]);
});

test("a page of large blocks ends earlier, but never before its first", () => {
  const large = new BlockAuthor();
  const top = large.chain(large.genesis, 5).at(-1) as BlockEntry;
  for (let at: BlockEntry | null = top; at !== null; at = at.parent) at.sizeBytes = PAGE_BYTES_MAX * 0.6;
  const page = (query: PageQuery) =>
    pageOf(new ChainIndex(top, bodyOf), top, query).blocks.map(({ header }) => header.height);
  expect(page({})).toEqual([5]);
  expect(page({ from: 2 })).toEqual([2]);
  for (let at: BlockEntry | null = top; at !== null; at = at.parent) at.sizeBytes = PAGE_BYTES_MAX * 2;
  expect(page({ from: 2 })).toEqual([2]);
});

test("the bytes of a page are its JSON, compressed they are the same, and both are made once for a tip", async () => {
  const index = new ChainIndex(tip, bodyOf);
  const pages = new ChainPages(index, new EncodedBlocks(bodyOf));
  for (const query of [{}, { from: 0, limit: 1 }, { from: 300 }, { from: 7, limit: 200 }]) {
    const reply = pages.reply(tip, query);
    const { from, blocks: some, next } = pageOf(index, tip, query);
    expect(JSON.parse(String(reply?.body))).toEqual({
      height: 250,
      tip: tip.hash,
      from,
      next,
      blocks: some.map((block) => blockJson(block, block.transactions ?? [])),
    });
    const packed = await reply?.gzipped?.();
    expect(gunzipSync(packed as Buffer)).toEqual(reply?.body);
    expect(await reply?.gzipped?.()).toBe(packed);
    expect(pages.reply(tip, query)).toBe(reply);
  }
  const before = pages.reply(tip, {});
  const child = author.child(tip);
  index.tipChanged(0, child);
  expect(pages.reply(child, {})?.etag).not.toBe(before?.etag);
});

test("a page with a lost block is none", () => {
  const index = new ChainIndex(tip, (block) => (block === blocks[200] ? null : block.transactions));
  const pages = new ChainPages(index, new EncodedBlocks((block) => index.bodyOf(block)));
  expect(pages.reply(tip, {})).toBeNull();
  expect(pages.reply(tip, { from: 0 })).not.toBeNull();
});

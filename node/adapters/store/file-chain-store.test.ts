import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { aChain, miner, sha256 } from "../../../test/support/chain-fixtures.ts";
import { buildTemplate } from "../../core/consensus/block-template.ts";
import type { BlockEntry } from "../../core/state/block-entry.ts";
import { BlockTree } from "../../core/state/block-tree.ts";
import { Mempool } from "../../core/state/mempool.ts";
import { FileChainStore } from "./file-chain-store.ts";
import { readOrMakeKey } from "./key-file.ts";

const chain = aChain();
const tree = new BlockTree(chain, { viewCount: 1, linkCountMax: 1 }, { sha256, verify: () => true });
const blocks: BlockEntry[] = [];
for (let tip = tree.genesis, height = 1; height <= 4; height += 1) {
  const atUs = (chain.genesisTimeMs + height) * 1_000;
  const { header, transactions } = buildTemplate(tree, tip, new Mempool(1), miner.publicKey, atUs);
  const entered = tree.enterMined(header, transactions);
  if (!entered.ok) throw new Error(entered.violation.code);
  tree.judge(entered.block);
  tip = entered.block;
  blocks.push(tip);
}

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "forklab-store-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function open(genesis = tree.genesis.hash): FileChainStore {
  return new FileChainStore(folder, genesis, chain.blockBytesMax);
}

/** Heights of the stored blocks, and the torn tail that was cut off. */
function readBack(store: FileChainStore) {
  const heights: number[] = [];
  const stored = store.blocks();
  let next = stored.next();
  for (; !next.done; next = stored.next()) heights.push(next.value.header.height);
  return { heights, torn: next.value };
}

function filled(): string {
  const store = open();
  for (const block of blocks) store.append(0, block);
  store.close();
  return store.path;
}

test("what was appended is read back in order by the next process", () => {
  filled();
  expect(readBack(open())).toEqual({ heights: [1, 2, 3, 4], torn: null });
});

test("wherever a write was torn, the whole blocks before it are there and the file takes new ones", () => {
  const path = filled();
  const whole = readFileSync(path);
  const lastBytes = (blocks[3]?.sizeBytes ?? 0) + 8;
  for (let missing = 1; missing < lastBytes; missing += 7) {
    writeFileSync(path, whole);
    truncateSync(path, whole.length - missing);
    const store = open();
    expect(readBack(store)).toEqual({
      heights: [1, 2, 3],
      torn: { atByte: whole.length - lastBytes, sizeBytes: lastBytes - missing },
    });
    store.append(0, blocks[3] as BlockEntry);
    store.close();
    expect(readFileSync(path)).toEqual(whole);
  }
});

test("a last block with a wrong byte is torn; one in the middle is damage that stops the node", () => {
  const path = filled();
  const whole = readFileSync(path);
  const last = Buffer.from(whole);
  last[whole.length - 1] = (last[whole.length - 1] as number) ^ 1;
  writeFileSync(path, last);
  expect(readBack(open()).heights).toEqual([1, 2, 3]);
  const middle = Buffer.from(whole);
  middle[200] = (middle[200] as number) ^ 1;
  writeFileSync(path, middle);
  expect(() => readBack(open())).toThrow(/is damaged at byte/);
});

test("a file of another chain or of another program is refused in words", () => {
  const path = filled();
  expect(() => open("ab".repeat(32))).toThrow(/belongs to another chain \(genesis .*, here abab/);
  writeFileSync(path, Buffer.alloc(100));
  expect(() => open()).toThrow(/not a file of blocks/);
});

test("the key is made once, for its owner alone to read", () => {
  const secret = readOrMakeKey(folder);
  expect(secret.length).toBe(32);
  expect(readOrMakeKey(folder)).toEqual(secret);
  expect(statSync(join(folder, "key")).mode & 0o777).toBe(0o600);
  writeFileSync(join(folder, "key"), "not a key");
  expect(() => readOrMakeKey(folder)).toThrow(/does not hold 32 bytes/);
});

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { START_US } from "../../../test/support/lone-machine.ts";
import { aTree, BlockAuthor } from "../../../test/support/mined-blocks.ts";
import { RecordingPort } from "../../../test/support/recording-port.ts";
import { NodeMachine } from "../../core/machine/node-machine.ts";
import { Protocol } from "../../core/machine/protocol.ts";
import type { BlockEntry } from "../../core/state/block-entry.ts";
import { LEDGER_DEPTH_HEIGHTS, LEDGER_STEP_HEIGHTS } from "../../core/state/cold-chain.ts";
import { totalCoins } from "../../core/state/ledger.ts";
import { enterStored, restoreChain } from "../../host/restore-chain.ts";
import type { Damage } from "./set-aside.ts";
import { SqliteChainStore } from "./sqlite-chain-store.ts";

const NAME = { genesisHash: aTree().genesis.hash, name: "test" };

let folder = "";
let damages: Damage[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "forklab-store-"));
  damages = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const path = () => join(folder, "chain.db");

/** A node's core on what the folder holds, as a process has it after its start. */
function start(name = NAME) {
  const tree = aTree();
  const store = SqliteChainStore.open(folder, name, (damage) => damages.push(damage));
  tree.attachArchive(store);
  const protocol = new Protocol(tree, new RecordingPort(), { relay: "announce", mempoolBytesMax: 1_000 });
  const machine = new NodeMachine(protocol, 0);
  const entered = enterStored(tree, store.headers(), (block, { position }) => store.place(block, position));
  const restored = restoreChain(machine, entered.found, START_US);
  return { tree, store, machine, restored, entered };
}

/** Blocks that a node held and stored. */
function fill(count: number, author = new BlockAuthor()): BlockEntry[] {
  const { tree, store, machine } = start();
  const blocks = author.chain(author.genesis, count);
  for (const block of blocks) hold(tree, store, machine, block);
  store.close();
  return blocks;
}

function hold(
  tree: ReturnType<typeof aTree>,
  store: SqliteChainStore,
  machine: NodeMachine,
  block: BlockEntry,
) {
  const entered = tree.enterMined(block.header, block.transactions ?? []);
  if (!entered.ok) throw new Error(entered.violation.code);
  expect(tree.judge(entered.block)).toBeNull();
  machine.restore(entered.block);
  store.append(0, entered.block);
  return entered.block;
}

/** As another program, or a worn disk, would. */
function edit(sql: string, ...values: (string | number)[]): void {
  const database = new DatabaseSync(path());
  database.prepare(sql).run(...values);
  database.close();
}

test("what was appended is there for the next process, bodies and ledger too", () => {
  const blocks = fill(4);
  const { machine, tree, restored } = start();
  expect(machine.tip.hash).toBe(blocks[3]?.hash);
  expect(restored).toMatchObject({
    heldCount: 4,
    lostCount: 0,
    strandedCount: 0,
    appliedCount: 4,
    broken: null,
  });
  for (const block of blocks) expect(tree.bodyOf(tree.get(block.hash) as BlockEntry)).toHaveLength(1);
  expect(totalCoins(tree.ledgerAfter(machine.tip))).toBe(1_500n + 4n * 50n);
  expect(damages).toEqual([]);
});

test("a file of another chain, another program, another format or an older version is refused in words", () => {
  fill(1);
  expect(() => start({ genesisHash: "ab".repeat(32), name: "other" })).toThrow(
    /belongs to another chain: test \(genesis .*, here other \(abab/,
  );
  edit("PRAGMA user_version = 7");
  expect(() => start()).toThrow(/has format 7, and this version reads format 1 only/);
  edit("PRAGMA application_id = 1");
  expect(() => start()).toThrow(/another program/);
  rmSync(path());
  writeFileSync(join(folder, "blocks.dat"), "forklab blocks 1\n");
  expect(() => start()).toThrow(/blocks\.dat is of an older version/);
  expect(damages).toEqual([]);
});

test("a flipped bit in a body is told of, set aside, and the chain below it stands; the block can be stored again", () => {
  const blocks = fill(6);
  edit(
    "UPDATE bodies SET bytes = CAST(substr(bytes, 1, 150) || x'00' || substr(bytes, 152) AS BLOB) WHERE position = 3",
  );
  const first = start();
  expect(damages).toMatchObject([
    { what: "block", hash: blocks[2]?.hash, reason: /do not have their checksum/ },
  ]);
  expect(readFileSync(damages[0]?.keptAs ?? "").length).toBe(blocks[2]?.sizeBytes);
  expect(first.machine.tip.hash).toBe(blocks[1]?.hash);
  expect(first.restored).toMatchObject({ heldCount: 2, strandedCount: 4 });
  const mended = hold(first.tree, first.store, first.machine, blocks[2] as BlockEntry);
  expect(mended.header.height).toBe(3);
  first.store.close();
  // Those above it were whole all the while.
  expect(start().machine.tip.hash).toBe(blocks[5]?.hash);
  expect(damages).toHaveLength(1);
});

test("a damaged header is mended from its block, and without that the chain below it stands", () => {
  const blocks = fill(5);
  edit("UPDATE headers SET header = zeroblob(119) WHERE position = 2");
  const { machine, store } = start();
  expect(machine.tip.hash).toBe(blocks[4]?.hash);
  expect(damages).toMatchObject([{ what: "header", reason: /mended from its block/ }]);
  store.close();
  expect(start().machine.tip.hash).toBe(blocks[4]?.hash);
  expect(damages).toHaveLength(1);
});

test("a header that is lost with its block strands what follows, which is known again when both have come", () => {
  const blocks = fill(5);
  edit("UPDATE headers SET size = 1 WHERE position = 2");
  edit("UPDATE bodies SET checksum = 1 WHERE position = 2");
  const { machine, store, tree, entered } = start();
  expect(machine.tip.hash).toBe(blocks[0]?.hash);
  expect(entered.strandedCount).toBe(3);
  hold(tree, store, machine, blocks[1] as BlockEntry);
  store.close();
  expect(start().machine.tip.hash).toBe(blocks[4]?.hash);
});

test("a start goes on from the kept ledger: blocks below it are neither read nor applied, and a damaged one is only lost", () => {
  const count = LEDGER_STEP_HEIGHTS + 30;
  const blocks = fill(count);
  edit("UPDATE bodies SET checksum = 1 WHERE position = 7");
  const { machine, restored, tree } = start();
  const keptHeight = LEDGER_STEP_HEIGHTS - LEDGER_DEPTH_HEIGHTS;
  expect(restored).toMatchObject({
    fromHeight: keptHeight,
    appliedCount: count - keptHeight,
    heldCount: count,
  });
  expect(machine.tip.hash).toBe(blocks.at(-1)?.hash);
  expect(tree.get(blocks[0]?.hash ?? "")?.transactions).toBeNull();
  expect(damages).toEqual([]);
  expect(tree.bodyOf(tree.get(blocks[6]?.hash ?? "") as BlockEntry)).toBeNull();
  expect(damages).toMatchObject([{ what: "block", hash: blocks[6]?.hash }]);
  expect(totalCoins(tree.ledgerAfter(machine.tip))).toBe(1_500n + 50n * BigInt(count));
});

test("after a quick start any ledger can be had: below the kept one, and on branches that left before it", () => {
  const author = new BlockAuthor();
  const blocks = fill(LEDGER_STEP_HEIGHTS + 30, author);
  const branch = author.chain(blocks[399] as BlockEntry, 3);
  const before = start();
  for (const block of branch) hold(before.tree, before.store, before.machine, block);
  before.store.close();
  const { tree } = start();
  for (const block of [...branch, blocks[10], blocks[420], blocks[500]]) {
    const entry = tree.get(block?.hash ?? "") as BlockEntry;
    const ledger = tree.ledgerAfter(entry);
    expect(totalCoins(ledger)).toBe(1_500n + 50n * BigInt(entry.header.height));
    expect(ledger.accountOf(entry.header.miner).balance).toBe(50n * BigInt(entry.header.height));
  }
});

test.each([
  ["other bytes", "UPDATE ledgers SET bytes = x'00'", /do not have the hash/],
  [
    "those of another block",
    "UPDATE ledgers SET bytes = (SELECT bytes FROM ledgers ORDER BY height LIMIT 1) WHERE height > 500",
    /after another block/,
  ],
])("a kept ledger with %s is set aside, and the start goes on from an older one", (_name, sql, reason) => {
  const blocks = fill(2 * LEDGER_STEP_HEIGHTS + 1);
  edit(sql);
  const { machine, restored, tree } = start();
  expect(damages[0]).toMatchObject({ what: "ledger", reason });
  expect(restored.fromHeight).toBeLessThan(LEDGER_STEP_HEIGHTS);
  expect(machine.tip.hash).toBe(blocks.at(-1)?.hash);
  expect(totalCoins(tree.ledgerAfter(machine.tip))).toBe(1_500n + 50n * BigInt(blocks.length));
});

test("old bodies are let go, and read again when they are wanted", () => {
  const blocks = fill(700);
  const { tree } = start();
  const inMemory = blocks.filter(({ hash }) => tree.get(hash)?.transactions !== null);
  expect(inMemory.length).toBeLessThan(600);
  for (const { hash } of blocks)
    expect(tree.bodyOf(tree.get(hash) as BlockEntry)?.[0]?.tx.sender).toBeDefined();
});

/** Pages of the file are overwritten wherever the disk might fail, and every start must work and keep what is readable. */
test("wherever pages of the file are overwritten, the node starts, keeps what can be read, and says what it set aside", () => {
  const blocks = fill(120);
  const whole = readFileSync(path());
  const pageBytes = 4_096;
  for (let page = 0; page * pageBytes < whole.length; page += 3) {
    const broken = Buffer.from(whole);
    broken.fill(0xee, page * pageBytes, (page + 1) * pageBytes);
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
    writeFileSync(path(), broken);
    damages = [];
    const { machine, tree, store, restored } = start();
    expect(restored.broken).toBeNull();
    // It may have hit a page that nothing was on.
    if (machine.tip.header.height < blocks.length) expect(damages).not.toEqual([]);
    // What was lost comes again.
    for (const block of blocks) {
      const known = tree.get(block.hash);
      if (known === null || known.heldCount === 0) hold(tree, store, machine, block);
    }
    store.close();
    expect(start().machine.tip.hash).toBe(blocks.at(-1)?.hash);
  }
});

test("a file that is no database, or cut short, is moved away and made anew from what can be read", () => {
  const blocks = fill(60);
  const whole = readFileSync(path());
  writeFileSync(path(), whole.subarray(0, whole.length / 2));
  const cut = start();
  expect(damages.at(-1)?.what).toBe("file");
  cut.store.close();
  rmSync(path());
  writeFileSync(path(), "what another program wrote, longer than a header of SQLite. ".repeat(10));
  const { machine } = start();
  expect(machine.tip.header.height).toBe(0);
  expect(damages.at(-1)).toMatchObject({ what: "file", reason: /0 blocks could be read/ });
  expect(statSync(damages.at(-1)?.keptAs ?? "").size).toBe(600);
  expect(blocks).toHaveLength(60);
});

test("a salvage that was interrupted is finished, or begun again", () => {
  const blocks = fill(3);
  writeFileSync(`${path()}.salvage`, "half of it");
  const first = start();
  expect(first.machine.tip.hash).toBe(blocks[2]?.hash);
  first.store.close();
  expect(existsSync(`${path()}.salvage`)).toBe(true);
  // Between its last two steps: the old file is gone, the new one has not its name yet.
  writeFileSync(`${path()}.salvage`, readFileSync(path()));
  rmSync(path());
  expect(start().machine.tip.hash).toBe(blocks[2]?.hash);
});

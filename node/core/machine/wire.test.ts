import fc from "fast-check";
import { expect, test } from "vitest";
import {
  aChain,
  alice,
  bob,
  contextOf,
  miner,
  sha256,
  someFacts,
} from "../../../test/support/chain-fixtures.ts";
import { NodeCrypto } from "../../adapters/node-crypto.ts";
import { buildTemplate } from "../consensus/block-template.ts";
import type { BlockEntry } from "../state/block-entry.ts";
import { BlockTree } from "../state/block-tree.ts";
import { Mempool } from "../state/mempool.ts";
import {
  type Message,
  makeBlockMessage,
  makeCompact,
  makeGetHeaders,
  makeHeaders,
  makeMissing,
  makeRequestMissing,
  makeTransactionNames,
  makeTransactions,
  prefill,
} from "../state/messages.ts";
import { HEADERS_COUNT_MAX, LOCATOR_COUNT_MAX } from "../sync/header-sync.ts";
import { ANNOUNCED_COUNT_MAX } from "../sync/transaction-news.ts";
import { TRANSACTIONS_COUNT_MAX } from "../sync/transaction-wants.ts";
import { decodeMessage, encodeMessage, encodeNotFound, FRAME_BYTES, KIND_BYTE } from "./wire.ts";

const crypto = new NodeCrypto();
const chain = aChain();
const context = contextOf(chain);

function aTree(): BlockTree {
  const verify = (key: string, message: Uint8Array, signature: string) =>
    crypto.verify(key, message, signature);
  return new BlockTree(chain, { viewCount: 1, linkCountMax: 32 }, { sha256, verify });
}

/** A tree with blocks above genesis, the second with two transactions. */
function aGrownTree(blockCount = 3): { tree: BlockTree; blocks: BlockEntry[] } {
  const tree = aTree();
  const blocks: BlockEntry[] = [];
  let tip = tree.genesis;
  for (let height = 1; height <= blockCount; height += 1) {
    const mempool = new Mempool(100_000);
    if (height === 2) {
      const ledger = tree.ledgerAfter(tip);
      expect(mempool.add(someFacts(context), ledger, 0)).toBeNull();
      expect(
        mempool.add(someFacts(context, { signer: bob, body: { kind: "post", text: "grüße" } }), ledger, 0),
      ).toBeNull();
    }
    const template = buildTemplate(
      tree,
      tip,
      mempool,
      miner.publicKey,
      (chain.genesisTimeMs + height) * 1_000,
    );
    const entered = tree.enterMined({ ...template.header, nonce: 7n }, template.transactions);
    if (!entered.ok) throw new Error(entered.violation.code);
    expect(tree.judge(entered.block)).toBeNull();
    tip = entered.block;
    blocks.push(tip);
  }
  return { tree, blocks };
}

const { tree: grown, blocks } = aGrownTree();
const [first, second] = blocks as [BlockEntry, BlockEntry];

/** One of each kind, and each way that an attempt changes one. */
const messages: Message[] = [
  first.announcement,
  first.request,
  makeBlockMessage("request", first, 3),
  makeBlockMessage("not-found", second, 7),
  second.delivery as Message,
  makeBlockMessage("block", second, 2),
  makeGetHeaders([second.hash, first.hash, grown.genesis.hash]),
  makeGetHeaders([]),
  makeHeaders(blocks),
  makeHeaders([]),
  makeTransactionNames("announce-transactions", [first.hash, second.hash]),
  makeTransactionNames("request-transactions", [second.hash]),
  makeCompact(first, first.transactions ?? []),
  makeCompact(second, second.transactions ?? []),
  prefill(makeCompact(second, second.transactions ?? []), second.transactions ?? [], [2]),
  makeRequestMissing(second, [0, 2]),
  makeRequestMissing(second, []),
  makeMissing(second, (second.transactions ?? []).slice(1)),
  makeTransactions([someFacts(context), someFacts(context, { sequence: 1, signer: alice })]),
];

/** What a message says, whichever tree its blocks are of. */
function meaning(message: Message): unknown {
  const { kind, drawKey, sizeBytes } = message;
  if (kind === "headers")
    return { kind, drawKey, sizeBytes, hashes: message.blocks.map((block) => block.hash) };
  if (kind === "get-headers") return { kind, drawKey, sizeBytes, locator: message.locator };
  if (kind === "transactions")
    return { kind, drawKey, sizeBytes, transactions: message.transactions.map(({ id, tx }) => ({ id, tx })) };
  if (kind === "compact") {
    const { shortIds, block } = message;
    const prefilled = message.prefilled.map(({ position, facts }) => ({ position, tx: facts.tx }));
    return { kind, drawKey, sizeBytes, shortIds, prefilled, hash: block.hash };
  }
  if (kind === "request-missing")
    return { kind, drawKey, sizeBytes, positions: message.positions, hash: message.block.hash };
  if (kind === "missing") {
    const transactions = message.transactions.map(({ tx }) => tx);
    return { kind, drawKey, sizeBytes, transactions, hash: message.block.hash };
  }
  if ("ids" in message) return { kind, drawKey, sizeBytes, ids: message.ids };
  const body = kind === "block" ? message.block.transactions?.map(({ tx }) => tx) : null;
  return { kind, drawKey, sizeBytes, attempt: message.attempt, hash: message.block.hash, body };
}

test.each(messages.map((message): [string, Message] => [message.kind, message]))(
  "%s: as many bytes as the message states, and the same message again in another tree",
  (_kind, message) => {
    const bytes = encodeMessage(message);
    expect(bytes.length).toBe(message.sizeBytes);
    const other = aTree();
    for (const block of blocks) other.enterHeader(block.header);
    const decoded = decodeMessage(bytes, other);
    expect(decoded.type).toBe("message");
    if (decoded.type === "message") expect(meaning(decoded.message)).toEqual(meaning(message));
  },
);

test("a block that comes as bytes is judged as the one that was encoded", () => {
  const other = aTree();
  for (const block of blocks) {
    expect(decodeMessage(encodeMessage(makeBlockMessage("block", block, 0)), other).type).toBe("message");
    const entry = other.get(block.hash);
    expect(entry === null ? "missing" : other.judge(entry)).toBeNull();
  }
});

test("a question about a block that nobody here knows is told apart, with what its answer needs", () => {
  const bytes = encodeMessage(makeBlockMessage("request", first, 5));
  expect(decodeMessage(bytes, aTree())).toEqual({
    type: "unknown-block",
    kind: "request",
    hash: first.hash,
    attempt: 5,
  });
  const answer = encodeNotFound(first.hash, 5);
  expect(answer).toEqual(encodeMessage(makeBlockMessage("not-found", first, 5)));
});

test("a header that breaks a rule is a violation with the block's hash", () => {
  const bytes = encodeMessage(first.announcement);
  bytes[FRAME_BYTES + 4] = 9; // The height's last byte.
  expect(decodeMessage(bytes, aTree())).toMatchObject({
    type: "violation",
    violation: { code: "bad-height" },
  });
});

test("a body that its header does not commit to is a violation, and does not keep the true one out", () => {
  const other = aTree();
  other.enterHeader(first.header);
  const bytes = encodeMessage(makeBlockMessage("block", second, 0));
  const spoiled = bytes.slice();
  spoiled[spoiled.length - 1] = (spoiled.at(-1) ?? 0) ^ 1;
  expect(decodeMessage(spoiled, other)).toMatchObject({
    type: "violation",
    violation: { code: "bad-merkle-root" },
  });
  expect(decodeMessage(bytes, other).type).toBe("message");
});

test.each([
  ["get-headers", KIND_BYTE["get-headers"], LOCATOR_COUNT_MAX, 32],
  ["headers", KIND_BYTE.headers, HEADERS_COUNT_MAX, 119],
  ["transactions", KIND_BYTE.transactions, TRANSACTIONS_COUNT_MAX, 200],
  ["announce-transactions", KIND_BYTE["announce-transactions"], ANNOUNCED_COUNT_MAX, 32],
  ["request-transactions", KIND_BYTE["request-transactions"], TRANSACTIONS_COUNT_MAX, 32],
] as const)(
  "%s: more items than allowed are a fault, and a count alone costs nothing",
  (_name, kind, countMax, itemBytes) => {
    const payload = Buffer.alloc(4 + (countMax + 1) * itemBytes);
    payload.writeUInt32BE(countMax + 1);
    expect(decodeMessage(framed(kind, payload), aTree())).toMatchObject({
      type: "fault",
      fault: expect.stringContaining("at most"),
    });
    const claim = Buffer.alloc(4);
    claim.writeUInt32BE(0xffff_ffff);
    expect(decodeMessage(framed(kind, claim), aTree()).type).toBe("fault");
  },
);

test("bytes that say nothing never throw: random ones", () => {
  const tree = aTree();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      decodeMessage(bytes, tree);
    }),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 13 }), fc.uint8Array({ maxLength: 400 }), (kind, payload) => {
      decodeMessage(framed(kind, payload), tree);
    }),
    { numRuns: 2_000 },
  );
});

test("bytes that nearly say something never throw, and never change a body that is there: one of each kind, a byte changed or cut", () => {
  const { tree } = aGrownTree();
  const ids = tree.get(second.hash)?.transactions?.map(({ id }) => id);
  fc.assert(
    fc.property(
      fc.constantFrom(...messages),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      fc.boolean(),
      (message, at, change, isCut) => {
        const bytes = encodeMessage(message).slice();
        const index = at % bytes.length;
        bytes[index] = (bytes[index] as number) ^ change;
        decodeMessage(isCut ? bytes.subarray(0, index) : bytes, tree);
      },
    ),
    { numRuns: 2_000 },
  );
  expect(tree.get(second.hash)?.transactions?.map(({ id }) => id)).toEqual(ids);
});

function framed(kind: number, payload: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(FRAME_BYTES + payload.length);
  bytes.writeUInt8(kind);
  bytes.writeUInt32BE(payload.length, 1);
  bytes.set(payload, FRAME_BYTES);
  return bytes;
}

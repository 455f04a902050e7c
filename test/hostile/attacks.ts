import { randomBytes } from "node:crypto";
import { encodeHeader, HEADER_BYTES, NONCE_OFFSET } from "../../node/core/chain/header-bytes.ts";
import { encodeTransaction, NO_SIGNATURE } from "../../node/core/chain/transaction-bytes.ts";
import type { Transaction } from "../../node/core/chain/types.ts";
import { encodeMessage, FRAME_BYTES } from "../../node/core/machine/wire.ts";
import { makeTransactionFacts } from "../../node/core/rules/check-transaction.ts";
import type { BlockEntry } from "../../node/core/state/block-entry.ts";
import { compactMessage, makeGetHeaders, makeHeaders } from "../../node/core/state/messages.ts";
import { locatorFrom } from "../../node/core/sync/header-sync.ts";
import { aHeader, alice, aTransaction } from "../support/chain-fixtures.ts";
import { type Foe, frameOf, kindOf } from "./foe.ts";
import { count, transactionsFrame } from "./frames.ts";

/** One thing that a hostile peer may do to a node that is linked with honest ones. */
export interface Attack {
  readonly name: string;
  run(foe: Foe): Promise<void>;
  /** The code of the ban that it ends in; null: it breaks no rule, and the node bears it. */
  readonly ban: string | null;
  /** Bytes that are no message never get as far as a simulated node. */
  readonly isLiveOnly?: true;
  /** Of what the node says about it in its metrics, what must have risen. */
  readonly metric?: string;
}

/** Every attack that is made of frames; `test/live/hostile.test.ts` adds those that are made of HTTP. */
export const ATTACKS: readonly Attack[] = [
  {
    name: "garbage",
    run: (foe) => foe.send([frameOf("headers", randomBytes(2_000))]),
    ban: "bad-bytes",
    isLiveOnly: true,
  },
  {
    name: "a count of four thousand million items",
    run: (foe) => foe.send([frameOf("headers", Buffer.alloc(4, 0xff))]),
    ban: "bad-bytes",
    isLiveOnly: true,
  },
  {
    name: "a compact block with two transactions at one place",
    run: (foe) => foe.send([crowdedCompact(foe)]),
    ban: "bad-bytes",
    isLiveOnly: true,
  },
  {
    name: "a header that breaks the rule of difficulty",
    run: (foe) => foe.send([frameOf("announce", brokenHeader(foe))]),
    ban: "bad-target",
  },
  {
    name: "a chain with more headers than work",
    run: async (foe) => {
      await foe.send([encodeMessage(makeHeaders(slowBranch(foe, 300)))]);
      if ((foe.got.get("request") ?? 0) > 0) throw new Error("bodies of a worse chain were asked for");
    },
    ban: null,
  },
  {
    name: "40,000 headers that cost nothing",
    run: (foe) => foe.send(...batchesOf(cheapHeaders(foe, 40_000), 2_000, headersFrame)),
    ban: null,
    metric: "forklab_sync_headers_forgotten_total",
  },
  {
    name: "10,000 orphans",
    run: async (foe) => {
      await foe.send(
        ...batchesOf(orphans(foe, 10_000), 1_000, (all) => all.map((one) => frameOf("announce", one))),
      );
      if ((foe.got.get("get-headers") ?? 0) > 3) throw new Error("each orphan was asked about");
    },
    ban: null,
  },
  {
    name: "a better chain that it never shows",
    run: (foe) => foe.send([encodeMessage(makeHeaders(fastBranch(foe, 40)))]),
    ban: null,
  },
  {
    name: "a block that pays its miner too much",
    run: (foe) => serve(foe, 50, (parent) => foe.author.greedyChild(parent)),
    ban: "bad-coinbase",
  },
  {
    name: "a block bomb",
    run: (foe) => serve(foe, 60, (parent) => bomb(foe, parent)),
    ban: "block-too-large",
  },
  {
    name: "300 bodies that nobody asked for, of a branch with little work",
    run: (foe) => foe.send(slowBranch(foe, 300).map(deliveryOf)),
    ban: null,
  },
  {
    name: "a flood of transactions that nobody can pay",
    run: (foe) =>
      foe.send(...batchesOf(poorTransactions(100_000 * foe.floodRatio), 1_000, transactionsFrame)),
    ban: null,
  },
  {
    name: "100,000 names of transactions that do not exist",
    run: async (foe) => {
      const ids = Array.from({ length: 50 }, () => [
        frameOf("announce-transactions", Buffer.concat([count(2_000), randomBytes(64_000)])),
      ]);
      await foe.send(...ids);
    },
    ban: null,
  },
  {
    name: "a transaction that nobody signed",
    run: (foe) =>
      foe.send(
        transactionsFrame([
          encodeTransaction({
            ...aTransaction(foe.author.tree.transactionContext),
            signature: "00".repeat(64),
          }),
        ]),
      ),
    ban: "bad-signature",
  },
  {
    name: "3,000 questions at once",
    run: (foe) => {
      const question = encodeMessage(makeGetHeaders(locatorFrom(foe.author.genesis)));
      return foe.send(Array.from({ length: 3_000 }, () => question));
    },
    ban: null,
  },
];

function crowdedCompact(foe: Foe): Uint8Array {
  const block = foe.author.child(foe.author.genesis);
  const [facts] = block.transactions ?? [];
  if (facts === undefined) throw new Error("a block without a coinbase");
  const twice = [0, 0].map((position) => ({ position, facts }));
  return encodeMessage(compactMessage(block, [], twice));
}

function headersFrame(headers: readonly Uint8Array[]): Uint8Array[] {
  return [frameOf("headers", Buffer.concat([count(headers.length), ...headers]))];
}

function batchesOf(
  items: readonly Uint8Array[],
  size: number,
  toFrames: (some: readonly Uint8Array[]) => Uint8Array[],
) {
  const batches: Uint8Array[][] = [];
  for (let first = 0; first < items.length; first += size)
    batches.push(toFrames(items.slice(first, first + size)));
  return batches;
}

function deliveryOf({ delivery }: BlockEntry): Uint8Array {
  if (delivery === null) throw new Error("the author made a block without a body");
  return encodeMessage(delivery);
}

/** Blocks whose times say that blocks are rare: their difficulty falls to nothing. */
function slowBranch({ author }: Foe, length: number): BlockEntry[] {
  const blocks: BlockEntry[] = [];
  for (let top = author.genesis; blocks.length < length; blocks.push(top))
    top = author.child(top, { header: { timeMs: top.header.timeMs + 20_000 } });
  return blocks;
}

/** Blocks whose times say that blocks are frequent: their difficulty, and so their work, rises. */
function fastBranch({ author }: Foe, length: number): BlockEntry[] {
  const blocks: BlockEntry[] = [];
  for (let top = author.genesis; blocks.length < length; blocks.push(top))
    top = author.child(top, { header: { timeMs: top.header.timeMs + 1 } });
  return blocks;
}

/** Shows a valid branch of this length with a last block that is not, and sends the bodies to whoever asks. */
async function serve(foe: Foe, length: number, lastOn: (parent: BlockEntry) => BlockEntry): Promise<void> {
  const branch = fastBranch(foe, length);
  await showBranch(foe, [...branch, lastOn(branch.at(-1) as BlockEntry)]);
}

/** Shows a branch from genesis on, height ascending, and sends the bodies to whoever asks. */
export async function showBranch(foe: Foe, blocks: readonly BlockEntry[]): Promise<void> {
  const byHash = new Map(blocks.map((block) => [block.hash, block]));
  foe.answer = (frame) => {
    const block = kindOf(frame) === "request" ? byHash.get(hashAskedFor(frame)) : undefined;
    return block === undefined ? [] : [deliveryOf(block)];
  };
  await foe.send([encodeMessage(makeHeaders(blocks))]);
}

function hashAskedFor(frame: Uint8Array): string {
  const offset = FRAME_BYTES + 1;
  return Buffer.from(frame.subarray(offset, offset + 32)).toString("hex");
}

/** Valid but for its size: three times what a block may have. */
function bomb({ author }: Foe, parent: BlockEntry): BlockEntry {
  const { transactionContext } = author.tree;
  const text = "boom".repeat(1_000);
  const transactions = Array.from({ length: 75 }, (_, sequence) =>
    makeTransactionFacts(
      aTransaction(transactionContext, { body: { kind: "post", text }, sequence, fee: 0n }),
      transactionContext,
    ),
  );
  return author.child(parent, { transactions });
}

function brokenHeader({ author }: Foe): Uint8Array {
  const { genesis, tree } = author;
  return encodeHeader(aHeader(genesis, tree.parameters, [], { compactTarget: 0x1f00ffff }));
}

/** Children of genesis, alike but for their nonce. */
function cheapHeaders({ author }: Foe, howMany: number): Uint8Array[] {
  const one = encodeHeader(aHeader(author.genesis, author.tree.parameters));
  return Array.from({ length: howMany }, (_, nonce) => {
    const bytes = Buffer.from(one);
    bytes.writeBigUInt64BE(BigInt(nonce), NONCE_OFFSET);
    return bytes;
  });
}

function orphans(foe: Foe, howMany: number): Uint8Array[] {
  const parentOffset = 1 + 4;
  return cheapHeaders(foe, howMany).map((bytes) => {
    if (bytes.length !== HEADER_BYTES) throw new Error("the layout of a header has changed");
    bytes.set(randomBytes(32), parentOffset);
    return bytes;
  });
}

/** Each from an account that has nothing. The signature is never looked at, so it costs the sender nothing either. */
function poorTransactions(howMany: number): Uint8Array[] {
  const sender = "5e".repeat(32);
  const tx: Transaction = {
    body: { kind: "transfer", recipient: alice.publicKey, amount: 1n },
    sender,
    sequence: 0,
    fee: 1n,
    signature: NO_SIGNATURE,
  };
  const one = Buffer.from(encodeTransaction(tx));
  const senderOffset = one.indexOf(Buffer.from(sender, "hex"));
  return Array.from({ length: howMany }, (_, each) => {
    const bytes = Buffer.from(one);
    bytes.writeUInt32BE(each, senderOffset);
    return bytes;
  });
}

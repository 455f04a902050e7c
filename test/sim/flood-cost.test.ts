import { expect, test } from "vitest";
import { signerFromSeed } from "../../node/adapters/node-crypto.ts";
import { encodeTransaction } from "../../node/core/chain/transaction-bytes.ts";
import { FREE_BURST_US, FREE_BYTES_PER_SEC } from "../../node/core/state/free-relay.ts";
import { SEQUENCE_AHEAD_MAX } from "../../node/core/state/mempool.ts";
import type { Signer } from "../../node/ports/crypto.ts";
import { ATTACKS } from "../hostile/attacks.ts";
import { attackedChain } from "../hostile/foe.ts";
import { transactionsFrame } from "../hostile/frames.ts";
import { SimFoe } from "../hostile/sim-foe.ts";
import { alice, aTransaction, bob } from "../support/chain-fixtures.ts";
import { BlockAuthor } from "../support/mined-blocks.ts";
import { attackedNetwork } from "./attacked-network.ts";

/** A large network, in which what is passed on is passed on often: each honest node is linked with every other. */
const HONEST_COUNT = 12;
const FOE = HONEST_COUNT;
const VICTIM = 0;

type Flood = (foe: SimFoe) => Promise<void>;

/** Bytes that the foe sent, and bytes that all others sent because of it: nobody mines, and so nobody else says anything. */
async function costOf(flood: Flood) {
  const author = new BlockAuthor(attackedChain(0));
  const { simulation } = attackedNetwork(author, HONEST_COUNT, {
    hashesPerSec: 0,
    mempoolBytesMax: 10_000_000,
  });
  simulation.runUntil(1_000_000);
  const { sentBytes } = simulation.transport;
  const before = [...sentBytes];
  await flood(new SimFoe(simulation, FOE, VICTIM, author));
  simulation.runUntil(simulation.nowUs + 60_000_000);
  const sent = [...sentBytes].map((bytes, node) => bytes - (before[node] ?? 0));
  const foeBytes = sent[FOE] ?? 0;
  return { foeBytes, networkBytes: sent.reduce((sum, bytes) => sum + bytes, -foeBytes) };
}

function attackNamed(name: string): Flood {
  const attack = ATTACKS.find((each) => each.name === name);
  if (attack === undefined) throw new Error(`no attack ${name}`);
  return (foe) => attack.run(foe);
}

/** Alice's first transaction, with this fee. */
function paying(foe: SimFoe, fee: number): Uint8Array {
  return encodeTransaction(aTransaction(foe.author.tree.transactionContext, { fee: BigInt(fee) }));
}

const one: Flood = (foe) => foe.send(transactionsFrame([paying(foe, 1)]));

/** So many posts of one account for this fee, of 112 bytes and their text. */
function posts(
  foe: SimFoe,
  signer: Signer,
  first: number,
  count: number,
  fee: bigint,
  text: string,
): Uint8Array[] {
  const context = foe.author.tree.transactionContext;
  const body = { kind: "post", text } as const;
  return Array.from({ length: count }, (_, index) =>
    encodeTransaction(aTransaction(context, { signer, body, sequence: first + index, fee })),
  );
}

/** All that an account may keep waiting behind the gap of its first sequence. */
const behindGap =
  (fee: bigint, text: string, ...signers: Signer[]): Flood =>
  async (foe) => {
    for (const signer of signers)
      await foe.send(transactionsFrame(posts(foe, signer, 1, SEQUENCE_AHEAD_MAX, fee, text)));
  };

/** For nothing, from accounts that have nothing. */
const fromNobody =
  (accountCount: number): Flood =>
  (foe) =>
    foe.send(
      ...Array.from({ length: accountCount }, (_, each) =>
        transactionsFrame(posts(foe, signerFromSeed(`nobody ${each}`), 0, 125, 0n, "x".repeat(800))),
      ),
    );

/** What one node takes for nothing of a flood that comes within two seconds. */
const BUDGET_BYTES = FREE_BYTES_PER_SEC * (FREE_BURST_US / 1_000_000 + 2);

/**
 * With each flood, in bytes: what it costs the foe, what it cost the network before gaps held back and free relay had a budget, and of the budget what it
 * may use now. Of 6,000 posts it cost less than of 3,000, because nobody asks one peer for more than 2,000 at a time.
 */
const FLOODS = [
  ["128 posts behind a gap for no fee", behindGap(0n, "x".repeat(800), alice), 117_129, 1_875_434, 0],
  [
    "256 posts behind gaps for fees that nobody gets",
    behindGap(1n, "x".repeat(4_000), alice, bob),
    1_053_458,
    12_762_464,
    BUDGET_BYTES,
  ],
  ["3,000 posts of nobody's for no fee", fromNobody(24), 2_745_216, 43_926_861, BUDGET_BYTES],
  ["6,000 posts of nobody's for no fee", fromNobody(48), 5_490_432, 30_692_376, BUDGET_BYTES],
] as const;

test.each(FLOODS)(
  "%s cost the network what the budget of free relay allows",
  async (_name, flood, foe, before, budgetBytes) => {
    const { foeBytes, networkBytes } = await costOf(flood);
    expect(foeBytes).toBe(foe);
    const bound = budgetBytes * (await networkBytesPerByte());
    expect(networkBytes).toBeLessThanOrEqual(bound);
    expect(before).toBeGreaterThan(bound);
  },
);

/** Of one free post, which all nodes take and pass on: what its spreading costs all others for each byte of it. */
async function networkBytesPerByte(): Promise<number> {
  let sizeBytes = 0;
  const { networkBytes } = await costOf((foe) => {
    const [post] = posts(foe, alice, 0, 1, 0n, "x".repeat(800)) as [Uint8Array];
    sizeBytes = post.length;
    return foe.send(transactionsFrame([post]));
  });
  return networkBytes / sizeBytes;
}

const UNTAKEN: [string, Flood][] = [
  "a flood of transactions that nobody can pay",
  "100,000 names of transactions that do not exist",
].map((name) => [name, attackNamed(name)]);

test.each(UNTAKEN)("%s costs the network a fortieth of what it costs its sender", async (_name, flood) => {
  const { foeBytes, networkBytes } = await costOf(flood);
  expect(foeBytes).toBeGreaterThan(3_000_000);
  expect(networkBytes).toBeLessThanOrEqual(foeBytes / 40);
});

test("what is taken goes to everyone, once: said again ten thousand times, or replaced by ever better fees in half a second, it costs no more", async () => {
  const { foeBytes, networkBytes } = await costOf(one);
  // That is what a network is for; and so the measure sees what is passed on.
  expect(networkBytes).toBeGreaterThan(20 * foeBytes);
  const again = await costOf(async (foe) => {
    for (let batch = 0; batch < 10; batch += 1)
      await foe.send(transactionsFrame(new Array<Uint8Array>(1_000).fill(paying(foe, 1))));
  });
  expect(again).toEqual({ foeBytes: expect.any(Number), networkBytes });
  expect(again.foeBytes).toBeGreaterThan(100 * networkBytes);
  const better = await costOf((foe) =>
    foe.send(transactionsFrame(Array.from({ length: 900 }, (_, fee) => paying(foe, fee + 1)))),
  );
  expect(better.networkBytes).toBe(networkBytes);
  expect(better.foeBytes).toBeGreaterThan(10 * networkBytes);
});

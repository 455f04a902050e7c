import { expect, test } from "vitest";
import { signerFromSeed } from "../../node/adapters/node-crypto.ts";
import { encodeTransaction } from "../../node/core/chain/transaction-bytes.ts";
import { SEQUENCE_AHEAD_MAX } from "../../node/core/state/mempool.ts";
import type { Signer } from "../../node/ports/crypto.ts";
import { ATTACKS } from "../hostile/attacks.ts";
import { attackedChain } from "../hostile/foe.ts";
import { transactionsFrame } from "../hostile/frames.ts";
import { SimFoe } from "../hostile/sim-foe.ts";
import { alice, aTransaction } from "../support/chain-fixtures.ts";
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

/** Posts of 911 bytes for no fee. */
function freePosts(foe: SimFoe, signer: Signer, firstSequence: number, count: number): Uint8Array[] {
  const body = { kind: "post", text: "x".repeat(800) } as const;
  return Array.from({ length: count }, (_, index) =>
    encodeTransaction(
      aTransaction(foe.author.tree.transactionContext, {
        signer,
        body,
        sequence: firstSequence + index,
        fee: 0n,
      }),
    ),
  );
}

const behindGap: Flood = (foe) => foe.send(transactionsFrame(freePosts(foe, alice, 1, SEQUENCE_AHEAD_MAX)));
const fromNobody: Flood = (foe) =>
  foe.send(
    ...Array.from({ length: 24 }, (_, each) =>
      transactionsFrame(freePosts(foe, signerFromSeed(`nobody ${each}`), 0, 125)),
    ),
  );
test.each([
  ["gap", behindGap],
  ["nobody", fromNobody],
] as const)("%s", async (n, f) => {
  console.log(n, await costOf(f));
});

const FREE: [string, Flood][] = [
  "a flood of transactions that nobody can pay",
  "100,000 names of transactions that do not exist",
].map((name) => [name, attackNamed(name)]);

test.each(FREE)("%s costs the network a fortieth of what it costs its sender", async (_name, flood) => {
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

import { expect, test } from "vitest";
import { aChain, aCoinbase, alice, bob, contextOf, someFacts } from "../../../test/support/chain-fixtures.ts";
import type { TransactionFacts } from "../chain/transaction-facts.ts";
import { makeTransactionFacts } from "../rules/check-transaction.ts";
import { applyDelta, genesisLedger } from "./ledger.ts";
import { EXPIRY_US, Mempool, SEQUENCE_AHEAD_MAX, SEQUENCE_RUN_MAX } from "./mempool.ts";

const params = aChain();
const context = contextOf(params);
const ledger = genesisLedger(params);
const ROOMY = 100_000;

/** A post of Alice's or Bob's: 114 bytes. */
const post = (sequence: number, fee = 1n, signer = alice) =>
  someFacts(context, { signer, sequence, fee, body: { kind: "post", text: "abc" } });

const transfer = (sequence: number, amount: bigint, recipient = bob.publicKey) =>
  someFacts(context, { sequence, fee: 0n, body: { kind: "transfer", recipient, amount } });

function aMempool(transactions: readonly TransactionFacts[], bytesMax = ROOMY): Mempool {
  const mempool = new Mempool(bytesMax);
  for (const facts of transactions) expect(mempool.add(facts, ledger, 0)).toBeNull();
  return mempool;
}

/** The ledger after genesis with these accounts set anew. */
const ledgerWith = (account: string, balance: bigint, nextSequence: number) =>
  applyDelta(ledger, [{ account, before: ledger.accountOf(account), after: { balance, nextSequence } }]);

const content = (...transactions: TransactionFacts[]) => ({
  transactions: [aCoinbase(params, 1), ...transactions],
});

test("what was added is there, in order of arrival", () => {
  const added = [post(1), post(0, 5n), post(0, 3n, bob)];
  const mempool = aMempool(added);
  expect([...mempool.inOrderOfArrival()]).toEqual(added);
  expect([mempool.count, mempool.bytes]).toEqual([3, 3 * 114]);
  expect(added.map(({ id }) => [mempool.has(id), mempool.get(id)])).toEqual(
    added.map((facts) => [true, facts]),
  );
  expect(mempool.get("00".repeat(32))).toBeNull();
});

test("an empty mempool answers everything", () => {
  const mempool = new Mempool(ROOMY);
  expect([mempool.count, mempool.bytes, mempool.has(""), mempool.get("")]).toEqual([0, 0, false, null]);
  expect([...mempool.inOrderOfArrival(), ...mempool.select(ledger, ROOMY)]).toEqual([]);
  mempool.chainChanged({ disconnected: [], connected: [content()] }, ledger, 0);
  expect(mempool.count).toBe(0);
});

test("already-known", () => {
  const facts = post(0);
  expect(aMempool([facts]).add(facts, ledger, 0)).toEqual({ code: "already-known", id: facts.id });
});

test("bad-sequence: one that the ledger has used", () => {
  const facts = post(1);
  const later = ledgerWith(alice.publicKey, 10n, 2);
  expect(new Mempool(ROOMY).add(facts, later, 0)).toEqual({
    code: "bad-sequence",
    id: facts.id,
    sequence: 1,
    expectedSequence: 2,
  });
});

test("sequence-too-far: past the window, whose last is taken", () => {
  const far = post(SEQUENCE_AHEAD_MAX + 1);
  expect(new Mempool(ROOMY).add(far, ledger, 0)).toMatchObject({ code: "sequence-too-far", nextSequence: 0 });
  expect(new Mempool(ROOMY).add(post(SEQUENCE_AHEAD_MAX), ledger, 0)).toBeNull();
});

test("sequence-too-far: a run without a gap goes on to a bound of its own, and past the window nothing waits behind a gap", () => {
  const mempool = new Mempool(1024 * 1024);
  const add = (sequence: number) => mempool.add(post(sequence, 0n), ledger, 0)?.code ?? null;
  for (let sequence = 0; sequence <= 200; sequence += 1) expect(add(sequence)).toBeNull();
  expect(add(202)).toBe("sequence-too-far");
  for (let sequence = 201; sequence <= SEQUENCE_RUN_MAX; sequence += 1) expect(add(sequence)).toBeNull();
  expect(add(SEQUENCE_RUN_MAX + 1)).toBe("sequence-too-far");
  expect(mempool.nextSequenceOf(alice.publicKey, ledger)).toBe(SEQUENCE_RUN_MAX + 1);
});

test("sequence-taken: the first seen stays, unless the second pays a tenth more, and says how much that is", () => {
  const first = post(0, 20n);
  const second = post(0, 21n);
  const mempool = aMempool([first, post(1), post(2)]);
  expect(mempool.add(second, ledger, 0)).toEqual({
    code: "sequence-taken",
    id: second.id,
    sequence: 0,
    holderId: first.id,
    feeNeeded: 22n,
  });
  expect(mempool.add(post(0, 22n), ledger, 0)).toBeNull();
  expect([mempool.has(first.id), mempool.count, mempool.bytes]).toEqual([false, 3, 3 * 114]);
  expect(mempool.select(ledger, ROOMY).map(({ tx }) => [tx.sequence, tx.fee])).toEqual([
    [0, 22n],
    [1, 1n],
    [2, 1n],
  ]);
});

test("a longer one must pay more a byte as well, and one for nothing is replaced by any fee", () => {
  const long = someFacts(context, { fee: 25n, body: { kind: "post", text: "x".repeat(100) } });
  expect(aMempool([post(0, 20n)]).add(long, ledger, 0)).toMatchObject({
    code: "sequence-taken",
    feeNeeded: (20n * BigInt(long.sizeBytes)) / 114n + 1n,
  });
  expect(aMempool([post(0, 0n)]).add(post(0, 1n), ledger, 0)).toBeNull();
});

test("what is replaced covers its replacement, and gives its room, and is not evicted for it", () => {
  const mempool = aMempool([transfer(0, 900n)], 160);
  const more = someFacts(context, {
    fee: 1n,
    body: { kind: "transfer", recipient: bob.publicKey, amount: 999n },
  });
  expect(mempool.add(more, ledger, 0)).toBeNull();
  expect([mempool.count, mempool.has(more.id)]).toEqual([1, true]);
});

test("what has waited for a fortnight leaves when the tip moves, and what came later stays", () => {
  const mempool = new Mempool(ROOMY);
  const [old, young] = [post(0), post(0, 1n, bob)];
  mempool.add(old, ledger, 1_000);
  mempool.add(young, ledger, 1_001);
  const move = { disconnected: [], connected: [content()] };
  mempool.chainChanged(move, ledger, EXPIRY_US + 999);
  expect(mempool.count).toBe(2);
  mempool.chainChanged(move, ledger, EXPIRY_US + 1_000);
  expect([mempool.has(old.id), mempool.has(young.id)]).toEqual([false, true]);
});

test("no-cover: all that waits of an account counts", () => {
  const mempool = aMempool([transfer(0, 600n), transfer(2, 300n)]);
  const facts = transfer(1, 101n);
  expect(mempool.add(facts, ledger, 0)).toEqual({
    code: "no-cover",
    id: facts.id,
    balance: 1_000n,
    cost: 1_001n,
  });
  expect(mempool.add(transfer(1, 100n), ledger, 0)).toBeNull();
});

test("bad-signature and bad-payload: what no block may hold does not wait for one", () => {
  const forged = makeTransactionFacts({ ...post(0).tx, fee: 2n }, context);
  expect(new Mempool(ROOMY).add(forged, ledger, 0)?.code).toBe("bad-signature");
  expect(new Mempool(ROOMY).add(aCoinbase(params, 1), ledger, 0)?.code).toBe("bad-payload");
});

test("mempool-full: who pays no more than the least stays out, and nothing changes", () => {
  const waiting = [post(0, 5n), post(0, 4n, bob)];
  const mempool = aMempool(waiting, 2 * 114);
  const facts = post(1, 4n, bob);
  expect(mempool.add(facts, ledger, 0)).toEqual({
    code: "mempool-full",
    id: facts.id,
    fee: 4n,
    sizeBytes: 114,
  });
  expect([...mempool.inOrderOfArrival()]).toEqual(waiting);
});

test("a full mempool lets the tail with the lowest fee a byte go, never one that others follow", () => {
  const [cheap, tail, other] = [post(0, 1n), post(1, 9n), post(0, 5n, bob)];
  const mempool = aMempool([cheap, tail, other], 3 * 114);
  // Bob's next pays more than Alice's first, but that one is followed by a transaction that pays 9.
  const newcomer = post(1, 7n, bob);
  expect(mempool.add(newcomer, ledger, 0)?.code).toBe("mempool-full");
  // What would make room for a newcomer must not be what the newcomer itself follows.
  const rich = post(1, 10n, bob);
  expect(mempool.add(rich, ledger, 0)).toBeNull();
  expect([...mempool.inOrderOfArrival()]).toEqual([cheap, other, rich]);
});

test("a full mempool knows the new tail of an account whose last one was dropped for lack of cover", () => {
  const [low, uncovered, held] = [post(1, 2n), transfer(2, 900n), post(0, 9n, bob)];
  const mempool = aMempool([low, uncovered, held], 2 * 114 + 149);
  expect(mempool.add(post(1, 0n, bob), ledger, 0)?.code).toBe("mempool-full");
  const after = ledgerWith(alice.publicKey, 500n, 1);
  mempool.chainChanged({ disconnected: [], connected: [content(transfer(0, 500n))] }, after, 0);
  const [second, third] = [post(1, 9n, bob), post(2, 5n, bob)];
  expect([mempool.add(second, after, 0), mempool.add(third, after, 0)]).toEqual([null, null]);
  expect([...mempool.inOrderOfArrival()]).toEqual([held, second, third]);
});

test("a transaction larger than the whole mempool is refused", () => {
  expect(new Mempool(100).add(post(0), ledger, 0)?.code).toBe("mempool-full");
});

test("blocks are filled by fee a byte, then age, each account in its own order, gaps not crossed", () => {
  const [a0, a1, a3, b0] = [post(0, 2n), post(1, 9n), post(3, 50n), post(0, 3n, bob)];
  const mempool = aMempool([a3, a1, a0, b0]);
  expect(mempool.select(ledger, ROOMY)).toEqual([b0, a0, a1]);
  const equal = aMempool([post(0, 3n, bob), post(0, 3n)]);
  expect(equal.select(ledger, ROOMY).map(({ tx }) => tx.sender)).toEqual([bob.publicKey, alice.publicKey]);
});

test("one that does not fit holds back its account alone", () => {
  const long = someFacts(context, { fee: 900n, body: { kind: "post", text: "x".repeat(500) } });
  const short = post(0, 1n, bob);
  const mempool = aMempool([long, post(1), short]);
  expect(mempool.select(ledger, 118)).toEqual([short]);
  expect(mempool.select(ledger, 117)).toEqual([]);
});

test("a block takes out what it holds and what it made impossible", () => {
  const [mined, rival, next, uncovered] = [
    transfer(0, 1n),
    transfer(0, 900n),
    transfer(1, 10n),
    transfer(2, 200n),
  ];
  const mempool = aMempool([mined, next, uncovered, post(0, 1n, bob)]);
  // Not the transaction that waited here, but another with its sequence, is in the block.
  mempool.chainChanged(
    { disconnected: [], connected: [content(rival)] },
    ledgerWith(alice.publicKey, 100n, 1),
    0,
  );
  expect([...mempool.inOrderOfArrival()]).toEqual([next, post(0, 1n, bob)]);
});

test("the blocks of a chain that loses give their transactions back, unless the chain that wins used them", () => {
  const [a0, a1, a2] = [post(0), post(1), post(2)];
  const mempool = new Mempool(ROOMY);
  const move = { disconnected: [content(a2), content(a0, a1)], connected: [content(a0), content()] };
  mempool.chainChanged(move, ledgerWith(alice.publicKey, 999n, 1), 0);
  expect([...mempool.inOrderOfArrival()]).toEqual([a1, a2]);
});

test("what comes back does not push out what already waits at its sequence", () => {
  const [waiting, rival] = [post(0, 1n), post(0, 9n)];
  const mempool = aMempool([waiting]);
  mempool.chainChanged({ disconnected: [content(rival, waiting)], connected: [] }, ledger, 0);
  expect([...mempool.inOrderOfArrival()]).toEqual([waiting]);
  expect(mempool.bytes).toBe(114);
});

test("what comes back may spend coins that come back too, and waits until they are there", () => {
  const gift = transfer(0, 1_000n);
  const spent = someFacts(context, {
    signer: bob,
    fee: 0n,
    body: { kind: "transfer", recipient: alice.publicKey, amount: 1_400n },
  });
  const mempool = new Mempool(ROOMY);
  mempool.chainChanged({ disconnected: [content(gift, spent)], connected: [content()] }, ledger, 0);
  expect(mempool.count).toBe(2);
  expect(mempool.select(ledger, ROOMY)).toEqual([gift]);
  const after = ledgerWith(bob.publicKey, 1_500n, 0);
  expect(mempool.select(after, ROOMY)).toContain(spent);
});

test("over-free-relay: what has no fee is taken as far as the budget goes, which time fills again; any fee goes past it", () => {
  // 114 bytes a second, and ten times as much at one go.
  const mempool = new Mempool(ROOMY, { freeBytesPerSec: 114 });
  for (let sequence = 0; sequence < 10; sequence++)
    expect(mempool.add(post(sequence, 0n), ledger, 1_000_000)).toBeNull();
  const next = post(10, 0n);
  const refusal = { code: "over-free-relay", id: next.id, sizeBytes: 114 };
  expect(mempool.add(next, ledger, 1_999_999)).toEqual(refusal);
  expect(mempool.add(post(10, 1n), ledger, 1_999_999)).toBeNull();
  expect(mempool.add(post(11, 0n), ledger, 2_000_000)).toBeNull();
  expect(mempool.add(post(12, 0n), ledger, 2_000_000)?.code).toBe("over-free-relay");
});

test("what is refused for another reason, and what comes back from a block, takes nothing of the budget", () => {
  const mempool = new Mempool(ROOMY, { freeBytesPerSec: 11.4 });
  const forged = makeTransactionFacts({ ...post(0).tx, fee: 0n }, context);
  for (let time = 0; time < 3; time++) expect(mempool.add(forged, ledger, 0)?.code).toBe("bad-signature");
  const mined = [post(0, 0n, bob), post(1, 0n, bob)];
  mempool.chainChanged({ disconnected: [content(...mined)], connected: [] }, ledger, 0);
  expect(mempool.add(post(0, 0n), ledger, 0)).toBeNull();
  expect(mempool.add(post(1, 0n), ledger, 0)?.code).toBe("over-free-relay");
});

test("the next sequence follows what waits without a gap", () => {
  const mempool = aMempool([post(0), post(1), post(3)]);
  expect(mempool.nextSequenceOf(alice.publicKey, ledger)).toBe(2);
  expect(mempool.nextSequenceOf(alice.publicKey, ledgerWith(alice.publicKey, 10n, 3))).toBe(4);
  expect(mempool.nextSequenceOf(bob.publicKey, ledger)).toBe(0);
});

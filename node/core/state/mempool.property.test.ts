import fc from "fast-check";
import { expect, test } from "vitest";
import { aChain, aCoinbase, aHeader, genesisOf, sha256 } from "../../../test/support/chain-fixtures.ts";
import { NO_SIGNATURE } from "../chain/transaction-bytes.ts";
import type { TransactionFacts } from "../chain/transaction-facts.ts";
import { NO_APPLICATIONS } from "../rules/application.ts";
import { checkBlockBody } from "../rules/check-block.ts";
import { makeTransactionFacts } from "../rules/check-transaction.ts";
import { applyDelta, genesisLedger, type Ledger } from "./ledger.ts";
import { Mempool } from "./mempool.ts";

const ACCOUNTS = Array.from({ length: 5 }, (_, index) => sha256(Uint8Array.of(index)));
const params = aChain({ allocations: ACCOUNTS.map((account) => ({ account, amount: 300n })) });
const genesis = genesisOf(params);

/** Signatures are not what is tested here: any will do, and thousands of transactions cost nothing. */
const context = {
  applications: NO_APPLICATIONS,
  genesisHash: genesis.hash,
  sha256,
  verify: () => true,
};

interface Draw {
  readonly sender: number;
  readonly sequence: number;
  readonly amount: number;
  readonly fee: number;
  readonly length: number;
}

const aDraw: fc.Arbitrary<Draw> = fc.record({
  sender: fc.nat(ACCOUNTS.length - 1),
  sequence: fc.nat(6),
  amount: fc.nat(100),
  fee: fc.oneof(fc.nat(3), fc.nat(60)),
  /** Wide, so that one newcomer may need the room of several. */
  length: fc.oneof(fc.nat(20), fc.nat(500)),
});

function factsOf({ sender, sequence, amount, fee, length }: Draw): TransactionFacts {
  const body =
    length % 2 === 0
      ? ({ kind: "post", text: "x".repeat(length) } as const)
      : ({ kind: "transfer", recipient: ACCOUNTS[(sender + 1) % 5] ?? "", amount: BigInt(amount) } as const);
  const tx = { body, sender: ACCOUNTS[sender] ?? "", sequence, fee: BigInt(fee), signature: NO_SIGNATURE };
  return makeTransactionFacts(tx, context);
}

/** A block of these on genesis: what the rules say of it. */
function judge(transactions: readonly TransactionFacts[], ledger: Ledger) {
  const all = [aCoinbase(params, 1, transactions), ...transactions];
  return checkBlockBody(aHeader(genesis, params, all), all, ledger, params, context);
}

const feePerByte = ({ tx, sizeBytes }: TransactionFacts) => Number(tx.fee) / sizeBytes;

/** Selection as it is defined, by looking at everything each time: the best of those that may come next and fit. */
function selectSlowly(
  pool: readonly TransactionFacts[],
  ledger: Ledger,
  bytesMax: number,
): TransactionFacts[] {
  const selected: TransactionFacts[] = [];
  const stopped = new Set<string>();
  let room = bytesMax;
  for (;;) {
    const candidates = pool.filter(({ tx, cost }) => {
      const mine = selected.filter((other) => other.tx.sender === tx.sender);
      const { balance, nextSequence } = ledger.accountOf(tx.sender);
      const spent = mine.reduce((sum, other) => sum + other.cost, 0n);
      return tx.sequence === nextSequence + mine.length && spent + cost <= balance && !stopped.has(tx.sender);
    });
    // The pool is in order of arrival and the sort is stable, so that age decides between equals.
    const best = candidates.toSorted((a, b) => feePerByte(b) - feePerByte(a))[0];
    if (best === undefined) return selected;
    if (best.sizeBytes + 4 > room) {
      stopped.add(best.tx.sender);
    } else {
      room -= best.sizeBytes + 4;
      selected.push(best);
    }
  }
}

test("whatever is added and mined, the pool keeps its bound, and its selection is the defined one and makes a valid block", () => {
  // Null mines a block of the best; blocks are small, so that some of each account stays.
  const steps = fc.array(fc.option(aDraw, { freq: 15 }), { maxLength: 80 });
  fc.assert(
    fc.property(steps, fc.integer({ min: 300, max: 2_500 }), fc.nat(2_500), (list, bytesMax, room) => {
      let ledger = genesisLedger(params);
      const mempool = new Mempool(bytesMax);
      for (const step of list) {
        if (step === null) ledger = mineAndCheck(mempool, ledger, 400);
        else addAndCheck(mempool, factsOf(step), ledger, bytesMax);
      }
      mineAndCheck(mempool, ledger, room);
    }),
    { numRuns: 300 },
  );
});

/** Mines a block on `ledger` from the pool, compares it with the definition, and gives the ledger after it. */
function mineAndCheck(mempool: Mempool, ledger: Ledger, room: number): Ledger {
  const pool = [...mempool.inOrderOfArrival()];
  expect(mempool.bytes).toBe(pool.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
  const selected = mempool.select(ledger, room);
  expect(selected.map(({ id }) => id)).toEqual(selectSlowly(pool, ledger, room).map(({ id }) => id));
  const verdict = judge(selected, ledger);
  expect(verdict.violation).toBeNull();
  // The judge itself, with a planted fault: two of one account in the wrong order.
  const senders = new Set(selected.map(({ tx }) => tx.sender));
  if (senders.size < selected.length)
    expect(judge(selected.toReversed(), ledger).violation?.code).toBe("bad-sequence");
  const after = applyDelta(ledger, verdict.delta ?? []);
  mempool.chainChanged({ disconnected: [], connected: [{ transactions: selected }] }, after, 0);
  return after;
}

/** Adds one and compares what left with the definition: tails only, each with a lower fee a byte, and no more than needed. */
function addAndCheck(mempool: Mempool, facts: TransactionFacts, ledger: Ledger, bytesMax: number): void {
  const before = [...mempool.inOrderOfArrival()];
  const violation = mempool.add(facts, ledger, 0);
  const after = [...mempool.inOrderOfArrival()];
  expect(mempool.bytes).toBeLessThanOrEqual(bytesMax);
  const expected = addSlowly(before, facts, bytesMax);
  const replaced = before.find(
    ({ tx }) => tx.sender === facts.tx.sender && tx.sequence === facts.tx.sequence,
  );
  if (violation === null || violation.code === "sequence-taken")
    expect(violation === null).toBe(
      replaced === undefined || (paysTenthMore(facts, replaced) && feePerByte(facts) > feePerByte(replaced)),
    );
  if (violation === null) expect(after).toEqual(expected);
  else expect(after).toEqual(before);
  if (violation?.code === "mempool-full") expect(expected).toBeNull();
}

const paysTenthMore = (facts: TransactionFacts, than: TransactionFacts) =>
  10 * Number(facts.tx.fee) >= 11 * Number(than.tx.fee);

/** The pool with one more, what it replaces gone, or null if there is no room: the least preferred tail goes until it fits. */
function addSlowly(
  before: readonly TransactionFacts[],
  facts: TransactionFacts,
  bytesMax: number,
): TransactionFacts[] | null {
  const { sender, sequence } = facts.tx;
  let pool = before.filter(({ tx }) => tx.sender !== sender || tx.sequence !== sequence);
  const bytes = () => pool.reduce((sum, { sizeBytes }) => sum + sizeBytes, facts.sizeBytes);
  while (bytes() > bytesMax) {
    const tails = pool.filter(({ tx }) => {
      const isTail = !pool.some((other) => other.tx.sender === tx.sender && other.tx.sequence > tx.sequence);
      return isTail && !(tx.sender === facts.tx.sender && tx.sequence < facts.tx.sequence);
    });
    // The youngest of the cheapest: reversed, because the sort keeps the order of equals.
    const victim = tails.toReversed().toSorted((a, b) => feePerByte(a) - feePerByte(b))[0];
    if (victim === undefined || feePerByte(victim) >= feePerByte(facts)) return null;
    pool = pool.filter((other) => other !== victim);
  }
  return [...pool, facts];
}

test("through forks and reorganisations nothing leaves but what is mined, used up or uncovered, and all that stays is of use", () => {
  const rounds = fc.array(fc.record({ added: fc.array(aDraw, { maxLength: 8 }), undo: fc.nat(3) }), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(rounds, (list) => {
      const mempool = new Mempool(1_000_000);
      let chain: readonly MinedBlock[] = [{ transactions: [], ledger: genesisLedger(params) }];
      for (const { added, undo } of list) {
        const tip = chain.at(-1)?.ledger ?? genesisLedger(params);
        for (const draw of added) mempool.add(factsOf(draw), tip, 0);
        const kept = chain.slice(0, Math.max(1, chain.length - undo));
        const disconnected = chain.slice(kept.length).toReversed();
        const base = kept.at(-1)?.ledger ?? tip;
        const transactions = mempool.select(base, 400);
        const verdict = judge(transactions, base);
        expect(verdict.violation).toBeNull();
        const block = { transactions, ledger: applyDelta(base, verdict.delta ?? []) };
        chain = [...kept, block];
        const known = [
          ...mempool.inOrderOfArrival(),
          ...disconnected.flatMap((undone) => undone.transactions),
        ];
        mempool.chainChanged({ disconnected, connected: [block] }, block.ledger, 0);
        for (const facts of known) expect(fateOf(facts, known, mempool, block)).not.toBe("lost");
        for (const { tx } of mempool.inOrderOfArrival())
          expect(tx.sequence).toBeGreaterThanOrEqual(block.ledger.accountOf(tx.sender).nextSequence);
      }
    }),
    { numRuns: 200 },
  );
});

test("the property above sees a transaction that is lost", () => {
  const facts = factsOf({ sender: 0, sequence: 0, amount: 1, fee: 1, length: 1 });
  const block = { transactions: [], ledger: genesisLedger(params) };
  expect(fateOf(facts, [facts], new Mempool(1_000), block)).toBe("lost");
});

interface MinedBlock {
  readonly transactions: readonly TransactionFacts[];
  readonly ledger: Ledger;
}

/** What became of a transaction that waited, or was given back, when the tip moved to a block. */
function fateOf(
  facts: TransactionFacts,
  known: readonly TransactionFacts[],
  mempool: Mempool,
  { ledger }: MinedBlock,
): string {
  const { sender, sequence } = facts.tx;
  const { nextSequence, balance } = ledger.accountOf(sender);
  if (mempool.has(facts.id)) return "waits";
  if (sequence < nextSequence) return "mined, or its sequence was";
  const waiting = [...mempool.inOrderOfArrival()].filter(({ tx }) => tx.sender === sender);
  if (waiting.some(({ tx }) => tx.sequence === sequence)) return "another holds its sequence";
  const costs = known
    .filter(({ tx }) => tx.sender === sender && tx.sequence >= nextSequence)
    .map(({ cost }) => cost);
  return costs.reduce((sum, cost) => sum + cost, 0n) > balance ? "uncovered" : "lost";
}

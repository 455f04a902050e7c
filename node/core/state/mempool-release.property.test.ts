import fc from "fast-check";
import { expect, test } from "vitest";
import { aChain, aCoinbase, genesisOf, sha256 } from "../../../test/support/chain-fixtures.ts";
import { NO_SIGNATURE } from "../chain/transaction-bytes.ts";
import type { TransactionFacts } from "../chain/transaction-facts.ts";
import type { Hex } from "../chain/types.ts";
import type { AccountReader } from "../rules/account-state.ts";
import { makeTransactionFacts } from "../rules/check-transaction.ts";
import { Mempool } from "./mempool.ts";
import type { Released } from "./mempool-account.ts";

const ACCOUNTS = [0, 1].map((index) => sha256(Uint8Array.of(index)));
const params = aChain();
const context = { genesisHash: genesisOf(params).hash, sha256, verify: () => true, applications: new Map() };

/** A free post; two with one sequence differ in their text. */
function aPost(account: number, sequence: number, text: string): TransactionFacts {
  const body = { kind: "post", text } as const;
  const tx = { body, sender: ACCOUNTS[account] ?? "", sequence, fee: 0n, signature: NO_SIGNATURE };
  return makeTransactionFacts(tx, context);
}

type Block = readonly TransactionFacts[];

/** Accounts without coins, whose sequences are what the chain has used. */
function ledgerAfter(chain: readonly Block[]): AccountReader {
  const used = (account: Hex) => chain.flat().filter(({ tx }) => tx.sender === account).length;
  return { accountOf: (account) => ({ balance: 0n, nextSequence: used(account) }), recordOf: () => null };
}

/** By their definition: those without a gap before them. */
function readyIds(mempool: Mempool, ledger: AccountReader): Set<Hex> {
  const all = [...mempool.inOrderOfArrival()];
  const isThere = (sender: Hex, sequence: number) =>
    all.some(({ tx }) => tx.sender === sender && tx.sequence === sequence);
  const isReady = ({ tx }: TransactionFacts) => {
    for (let sequence = ledger.accountOf(tx.sender).nextSequence; sequence < tx.sequence; sequence++)
      if (!isThere(tx.sender, sequence)) return false;
    return true;
  };
  return new Set(all.filter(isReady).map(({ id }) => id));
}

const aStep = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant("add" as const), account: fc.nat(1), ahead: fc.nat(5) }),
  },
  // Blocks off the end of the chain, and others, of the next sequences of each account, in their place.
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("move" as const),
      undo: fc.nat(2),
      counts: fc.array(fc.nat(3), { maxLength: 4 }),
    }),
  },
);

test("whatever is added, mined and undone, each is let go once, when no gap is before it, in order; what is held back has one", () => {
  fc.assert(
    fc.property(fc.array(aStep, { maxLength: 60 }), fc.boolean(), (steps, isTight) => {
      const mempool = new Mempool(isTight ? 700 : 100_000, { freeBytesPerSec: 1_000_000 });
      let chain: readonly Block[] = [];
      const told = new Set<Hex>();
      steps.forEach((step, index) => {
        const before = ledgerAfter(chain);
        const note = (released: readonly Released[], ledger: AccountReader) => {
          const ready = readyIds(mempool, ledger);
          for (const { facts } of released) {
            expect(ready.has(facts.id)).toBe(true);
            // Again only after it had left the mempool.
            expect(told.has(facts.id)).toBe(false);
            told.add(facts.id);
          }
          for (const account of ACCOUNTS) {
            const sequences = released.flatMap(({ facts: { tx } }) =>
              tx.sender === account ? [tx.sequence] : [],
            );
            expect(sequences).toEqual(sequences.toSorted((a, b) => a - b));
          }
        };
        if (step.kind === "add") {
          const facts = aPost(
            step.account,
            before.accountOf(ACCOUNTS[step.account] ?? "").nextSequence + step.ahead,
            `${index}`,
          );
          if (mempool.add(facts, before, 0) === null) note(mempool.release(facts, before, 0), before);
        } else {
          const kept = chain.slice(0, Math.max(0, chain.length - step.undo));
          const disconnected = chain.slice(kept.length).toReversed();
          const connected: Block[] = [];
          for (const [each, count] of step.counts.entries()) {
            const ledger = ledgerAfter([...kept, ...connected]);
            const next = ledger.accountOf(ACCOUNTS[each % 2] ?? "").nextSequence;
            connected.push(
              Array.from({ length: count }, (_, more) => aPost(each % 2, next + more, `${index} ${each}`)),
            );
          }
          chain = [...kept, ...connected];
          const contents = (blocks: readonly Block[]) =>
            blocks.map((block) => ({ transactions: [aCoinbase(params, 1), ...block] }));
          const waited = new Set([...mempool.inOrderOfArrival()].map(({ id }) => id));
          const after = ledgerAfter(chain);
          const released = mempool.chainChanged(
            { disconnected: contents(disconnected), connected: contents(connected) },
            after,
            0,
          );
          note(released, after);
          // What comes back may be told of without a word, because peers had its block.
          for (const { id } of mempool.inOrderOfArrival())
            if (!waited.has(id) && !mempool.isHeldBack(id)) told.add(id);
        }
        const ledger = ledgerAfter(chain);
        const ready = readyIds(mempool, ledger);
        for (const { id } of mempool.inOrderOfArrival()) expect(mempool.isHeldBack(id)).toBe(!told.has(id));
        for (const id of ready) expect(told.has(id)).toBe(true);
        expect(new Set([...mempool.tellable(ledger)].map(({ id }) => id))).toEqual(ready);
        for (const id of told) if (!mempool.has(id)) told.delete(id);
      });
    }),
    { numRuns: 400 },
  );
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { aChain, alice, bob, sha256 } from "../../../test/support/chain-fixtures.ts";
import { type AccountState, EMPTY_ACCOUNT, type LedgerDelta } from "../rules/account-state.ts";
import { issuedCoins } from "../rules/genesis.ts";
import {
  applyDelta,
  emptyLedger,
  genesisLedger,
  type Ledger,
  ledgerDigest,
  totalCoins,
  undoDelta,
} from "./ledger.ts";

const ACCOUNTS = Array.from({ length: 40 }, (_, index) => sha256(Uint8Array.of(index)));

const aState: fc.Arbitrary<AccountState> = fc.record({
  balance: fc.bigInt({ min: 0n, max: 3n }),
  nextSequence: fc.nat(2),
});

/** New states of some accounts, each at most once. */
const someChanges = fc.uniqueArray(fc.record({ account: fc.constantFrom(...ACCOUNTS), after: aState }), {
  selector: ({ account }) => account,
  maxLength: 6,
});

type Model = ReadonlyMap<string, AccountState>;

const deltaOf = (model: Model, changes: readonly { account: string; after: AccountState }[]): LedgerDelta =>
  changes.map(({ account, after }) => ({ account, before: model.get(account) ?? EMPTY_ACCOUNT, after }));

function expectSame(ledger: Ledger, model: Model): void {
  for (const account of ACCOUNTS)
    expect(ledger.accountOf(account)).toEqual(model.get(account) ?? EMPTY_ACCOUNT);
  const sum = [...model.values()].reduce((total, { balance }) => total + balance, 0n);
  expect(totalCoins(ledger)).toBe(sum);
}

test("a tree of ledgers holds what plain Maps hold, and undoing each delta gives its parent back", () => {
  const blocks = fc.array(fc.record({ parent: fc.nat(), changes: someChanges }), { maxLength: 30 });
  fc.assert(
    fc.property(blocks, (list) => {
      const nodes: { ledger: Ledger; model: Model }[] = [{ ledger: emptyLedger(), model: new Map() }];
      for (const { parent, changes } of list) {
        const before = nodes[parent % nodes.length];
        if (before === undefined) continue;
        const delta = deltaOf(before.model, changes);
        const ledger = applyDelta(before.ledger, delta);
        const model = new Map(before.model);
        for (const { account, after } of changes) model.set(account, after);
        nodes.push({ ledger, model });
        const undone = undoDelta(ledger, delta);
        expectSame(undone, before.model);
        expect(ledgerDigest(undone, sha256)).toBe(ledgerDigest(before.ledger, sha256));
      }
      for (const { ledger, model } of nodes) expectSame(ledger, model);
    }),
  );
});

test("digests are equal exactly for equal contents, in whatever order accounts came", () => {
  const contents = fc.uniqueArray(fc.tuple(fc.constantFrom(...ACCOUNTS.slice(0, 3)), aState), {
    selector: ([account]) => account,
  });
  const ledgerOf = (entries: readonly (readonly [string, AccountState])[]) =>
    applyDelta(
      emptyLedger(),
      entries.map(([account, after]) => ({ account, before: EMPTY_ACCOUNT, after })),
    );
  const text = (entries: readonly (readonly [string, AccountState])[]) =>
    entries
      .map(([account, { balance, nextSequence }]) => `${account}:${balance}:${nextSequence}`)
      .filter((line) => !line.endsWith(":0:0"))
      .sort()
      .join();
  fc.assert(
    fc.property(contents, contents, (one, other) => {
      const isSame = ledgerDigest(ledgerOf(one), sha256) === ledgerDigest(ledgerOf(other), sha256);
      expect(isSame).toBe(text(one) === text(other));
      expect(ledgerDigest(ledgerOf(one.toReversed()), sha256)).toBe(ledgerDigest(ledgerOf(one), sha256));
    }),
  );
});

test("genesis holds the allocations", () => {
  const params = aChain();
  const ledger = genesisLedger(params);
  expect(ledger.accountOf(alice.publicKey)).toEqual({ balance: 1_000n, nextSequence: 0 });
  expect(ledger.accountOf("00".repeat(32))).toEqual(EMPTY_ACCOUNT);
  expect(totalCoins(ledger)).toBe(issuedCoins(params, 0));
});

test("a delta over another ledger trips the invariant, and so does undoing one that was not applied", () => {
  const ledger = genesisLedger(aChain());
  const delta = [
    {
      account: bob.publicKey,
      before: { balance: 1n, nextSequence: 0 },
      after: { balance: 2n, nextSequence: 0 },
    },
  ];
  expect(() => applyDelta(ledger, delta)).toThrow(/not made for/);
  expect(() => undoDelta(ledger, delta)).toThrow(/not made for/);
});

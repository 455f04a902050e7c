import fc from "fast-check";
import { expect, test } from "vitest";
import { sha256 } from "../../../test/support/chain-fixtures.ts";
import { EMPTY_ACCOUNT } from "../rules/account-state.ts";
import { applyDelta, emptyLedger, type Ledger } from "./ledger.ts";
import { decodeLedger, encodeLedger } from "./ledger-bytes.ts";

const PLACE = { hash: "ab".repeat(32), height: 7 };

const accounts = fc.uniqueArray(
  fc.record({
    account: fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .map((bytes) => Buffer.from(bytes).toString("hex")),
    balance: fc.bigInt(1n, 2n ** 100n),
    nextSequence: fc.nat(2 ** 32),
  }),
  { selector: ({ account }) => account, maxLength: 30 },
);

type Accounts = readonly { account: string; balance: bigint; nextSequence: number }[];

function ledgerOf(states: Accounts): Ledger {
  const changes = states.map(({ account, ...after }) => ({ account, before: EMPTY_ACCOUNT, after }));
  return applyDelta(emptyLedger(), changes);
}

const sumOf = (states: Accounts) => states.reduce((sum, { balance }) => sum + balance, 0n);

test("a ledger is read back as it was, and has the same bytes in whatever order its accounts came", () => {
  fc.assert(
    fc.property(accounts, (states) => {
      const bytes = encodeLedger(PLACE, ledgerOf(states), sha256);
      expect(encodeLedger(PLACE, ledgerOf(states.toReversed()), sha256)).toEqual(bytes);
      const { value, fault } = decodeLedger(bytes, PLACE, sumOf(states), emptyLedger(), sha256);
      expect(fault).toBeNull();
      for (const { account, ...state } of states) expect(value?.accountOf(account)).toEqual(state);
    }),
    { numRuns: 100 },
  );
});

test("any changed, missing or further byte is refused; so is another block's ledger, and one with other coins", () => {
  const states = [{ account: "cd".repeat(32), balance: 5n, nextSequence: 2 }];
  const bytes = encodeLedger(PLACE, ledgerOf(states), sha256);
  const faultOf = (given: Uint8Array, place = PLACE, issued = 5n) =>
    decodeLedger(given, place, issued, emptyLedger(), sha256).fault;
  expect(faultOf(bytes)).toBeNull();
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = bytes.slice();
    changed[at] = (changed[at] as number) ^ 1;
    expect(faultOf(changed)).toMatch(/do not have the hash/);
  }
  for (let length = 0; length < bytes.length; length += 1)
    expect(faultOf(bytes.slice(0, length))).not.toBeNull();
  expect(faultOf(Uint8Array.of(...bytes, 0))).not.toBeNull();
  expect(faultOf(bytes, { ...PLACE, height: 8 })).toMatch(/after another block/);
  expect(faultOf(bytes, { ...PLACE, hash: "ee".repeat(32) })).toMatch(/after another block/);
  expect(faultOf(bytes, PLACE, 6n)).toMatch(/5 coins in place of 6/);
});

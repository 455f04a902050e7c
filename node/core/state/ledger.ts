import type { Sha256 } from "../chain/sha256.ts";
import type { Coins, Hex } from "../chain/types.ts";
import {
  type AccountReader,
  type AccountState,
  EMPTY_ACCOUNT,
  isEmptyAccount,
  type LedgerChange,
  type LedgerDelta,
  type RecordChange,
} from "../rules/account-state.ts";
import type { ChainParameters } from "../rules/parameters.ts";
import { invariant } from "../support/invariant.ts";
import { AccountIndex, AccountMap } from "./account-map.ts";

/**
 * Balances, next sequences and the records of applications after a block. Immutable: applying a block gives another ledger, which shares with this
 * one all that the block did not touch. Ledgers that came from one `genesisLedger` share its numbering of accounts and records.
 */
export class Ledger implements AccountReader {
  readonly index: AccountIndex;
  readonly accounts: AccountMap<AccountState>;
  readonly records: Records;

  constructor(index: AccountIndex, accounts: AccountMap<AccountState>, records: Records) {
    this.index = index;
    this.accounts = accounts;
    this.records = records;
  }

  accountOf(account: Hex): AccountState {
    const index = this.index.find(account);
    return index === undefined ? EMPTY_ACCOUNT : (this.accounts.get(index) ?? EMPTY_ACCOUNT);
  }

  recordOf(key: string): string | null {
    const index = this.records.index.find(key);
    return index === undefined ? null : (this.records.texts.get(index) ?? null);
  }
}

/** What applications keep: keys get numbers as accounts do. */
export interface Records {
  readonly index: AccountIndex;
  readonly texts: AccountMap<string>;
}

/** No account has anything. The start of a numbering of its own. */
export function emptyLedger(): Ledger {
  return new Ledger(new AccountIndex(), AccountMap.empty(), {
    index: new AccountIndex(),
    texts: AccountMap.empty(),
  });
}

/** After genesis: the allocations. */
export function genesisLedger(params: ChainParameters): Ledger {
  const changes = params.allocations.map(({ account, amount }) => ({
    account,
    before: EMPTY_ACCOUNT,
    after: { balance: amount, nextSequence: 0 },
  }));
  return applyDelta(emptyLedger(), changes);
}

/** The ledger after a block whose delta this is. It must have been made over this very ledger. */
export function applyDelta(ledger: Ledger, delta: LedgerDelta): Ledger {
  let { accounts, records } = ledger;
  for (const each of delta) {
    if (isOfRecord(each)) records = changeRecord(records, each.record, each.before, each.after);
    else accounts = change(accounts, ledger.index.findOrAdd(each.account), each.before, each.after);
  }
  return new Ledger(ledger.index, accounts, records);
}

/** The ledger before a block whose delta this is: the exact inverse of `applyDelta`. */
export function undoDelta(ledger: Ledger, delta: LedgerDelta): Ledger {
  let { accounts, records } = ledger;
  for (const each of delta) {
    if (isOfRecord(each)) records = changeRecord(records, each.record, each.after, each.before);
    else accounts = change(accounts, ledger.index.findOrAdd(each.account), each.after, each.before);
  }
  return new Ledger(ledger.index, accounts, records);
}

/** Keys and texts of all records. Looks at every one that ever was. */
export function recordsOf(ledger: Ledger): (readonly [key: string, text: string])[] {
  const found: (readonly [string, string])[] = [];
  for (const key of ledger.records.index.accounts) {
    const text = ledger.recordOf(key);
    if (text !== null) found.push([key, text]);
  }
  return found;
}

/** Sum of all balances. Looks at every account: for checks, not for the hot path. */
export function totalCoins(ledger: Ledger): Coins {
  let sum = 0n;
  for (const account of ledger.index.accounts) sum += ledger.accountOf(account).balance;
  return sum;
}

/** Equal exactly for ledgers that hold the same, however they came about and in whatever order. Looks at every account. */
export function ledgerDigest(ledger: Ledger, sha256: Sha256): Hex {
  const lines: string[] = [];
  for (const account of ledger.index.accounts) {
    const { balance, nextSequence } = ledger.accountOf(account);
    if (balance !== 0n || nextSequence !== 0) lines.push(`${account} ${balance} ${nextSequence}\n`);
  }
  for (const record of recordsOf(ledger)) lines.push(`${JSON.stringify(record)}\n`);
  return sha256(new TextEncoder().encode(lines.sort().join("")));
}

function isOfRecord(change: LedgerChange): change is RecordChange {
  return "record" in change;
}

function changeRecord(
  { index, texts }: Records,
  key: string,
  from: string | null,
  to: string | null,
): Records {
  const number = index.findOrAdd(key);
  invariant((texts.get(number) ?? null) === from, "a delta was applied to a ledger that it was not made for");
  return { index, texts: texts.with(number, to ?? undefined) };
}

function change(
  accounts: AccountMap<AccountState>,
  index: number,
  from: AccountState,
  to: AccountState,
): AccountMap<AccountState> {
  const present = accounts.get(index) ?? EMPTY_ACCOUNT;
  invariant(
    present.balance === from.balance && present.nextSequence === from.nextSequence,
    "a delta was applied to a ledger that it was not made for",
  );
  return accounts.with(index, isEmptyAccount(to) ? undefined : to);
}

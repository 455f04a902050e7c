import type { Sha256 } from "../chain/sha256.ts";
import type { Coins, Hex } from "../chain/types.ts";
import {
  type AccountReader,
  type AccountState,
  EMPTY_ACCOUNT,
  isEmptyAccount,
  type LedgerDelta,
} from "../rules/account-state.ts";
import type { ChainParameters } from "../rules/parameters.ts";
import { invariant } from "../support/invariant.ts";
import { AccountIndex, AccountMap } from "./account-map.ts";

/**
 * Balances and next sequences after a block. Immutable: applying a block gives another ledger, which shares with this one
 * all that the block did not touch. Ledgers that came from one `genesisLedger` share its numbering of accounts.
 */
export class Ledger implements AccountReader {
  readonly index: AccountIndex;
  readonly accounts: AccountMap<AccountState>;

  constructor(index: AccountIndex, accounts: AccountMap<AccountState>) {
    this.index = index;
    this.accounts = accounts;
  }

  accountOf(account: Hex): AccountState {
    const index = this.index.find(account);
    return index === undefined ? EMPTY_ACCOUNT : (this.accounts.get(index) ?? EMPTY_ACCOUNT);
  }
}

/** No account has anything. The start of a numbering of its own. */
export function emptyLedger(): Ledger {
  return new Ledger(new AccountIndex(), AccountMap.empty());
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
  let { accounts } = ledger;
  for (const { account, before, after } of delta)
    accounts = change(accounts, ledger.index.findOrAdd(account), before, after);
  return new Ledger(ledger.index, accounts);
}

/** The ledger before a block whose delta this is: the exact inverse of `applyDelta`. */
export function undoDelta(ledger: Ledger, delta: LedgerDelta): Ledger {
  let { accounts } = ledger;
  for (const { account, before, after } of delta)
    accounts = change(accounts, ledger.index.findOrAdd(account), after, before);
  return new Ledger(ledger.index, accounts);
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
  return sha256(new TextEncoder().encode(lines.sort().join("")));
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

import type { Coins, Hex } from "../chain/types.ts";

/** What a ledger knows of an account. Immutable: views that stand at different blocks share it. */
export interface AccountState {
  readonly balance: Coins;
  /** The sequence that the account's next transaction must have. */
  readonly nextSequence: number;
}

/** Of every account that neither was paid nor ever paid anyone. */
export const EMPTY_ACCOUNT: AccountState = { balance: 0n, nextSequence: 0 };

/** The part of a ledger that rules look at. */
export interface AccountReader {
  /** `EMPTY_ACCOUNT` for a key that the ledger does not know. */
  accountOf(account: Hex): AccountState;
  /** What an application keeps under a key (`run-application.ts`); null: nothing. */
  recordOf(key: string): string | null;
}

/** What a block does to a ledger: each account and each record at most once, in the order in which the block first touches them, accounts first. */
export type LedgerDelta = readonly LedgerChange[];

export type LedgerChange = AccountChange | RecordChange;

export interface AccountChange {
  readonly account: Hex;
  readonly before: AccountState;
  readonly after: AccountState;
}

export interface RecordChange {
  readonly record: string;
  readonly before: string | null;
  readonly after: string | null;
}

export function isEmptyAccount(state: AccountState): boolean {
  return state.balance === 0n && state.nextSequence === 0;
}

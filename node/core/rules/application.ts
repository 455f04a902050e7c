import type { Sha256 } from "../chain/sha256.ts";
import type { Coins, Hex } from "../chain/types.ts";

/**
 * What a chain carries beside transfers: the rules of one kind of payload. Pure: the same payload on the same ledger gives the same result on every
 * node, so no clock, no randomness, no state of its own.
 */
export interface Application {
  /** As it stands in transactions: 1 to 16 of a-z, 0-9 and -. */
  readonly name: string;
  /** What is wrong with a payload on any ledger, in words such as "amount: a whole number from 1 on expected"; null if nothing. */
  check(payload: string): string | null;
  /**
   * Does what a payload without fault asks, or says why not; a refusal undoes whatever was done before it. Null: this application's
   * transactions do nothing to the ledger but pay their fee.
   */
  readonly apply: ((payload: string, origin: AppOrigin, ledger: AppLedger) => AppRefusal | null) | null;
}

/** Where a payload comes from. */
export interface AppOrigin {
  /** Whose key signed it. */
  readonly sender: Hex;
  readonly id: Hex;
  /** Of the block that holds it, or the next one while it waits. */
  readonly height: number;
}

/** Why the rules of an application do not let a payload pass on this ledger: a code and the facts. */
export interface AppRefusal {
  readonly reason: string;
  readonly facts: Readonly<Record<string, string | number>>;
}

export function appRefusal(reason: string, facts: AppRefusal["facts"] = {}): AppRefusal {
  return { reason, facts };
}

/** The ledger as an application sees it: all balances, its own accounts, its own records. */
export interface AppLedger {
  balanceOf(account: Hex): Coins;
  /**
   * The account that this application holds under a label. Nobody has its key, so these rules alone move its coins.
   */
  addressOf(label: string): Hex;
  /**
   * Moves coins from the sender, or from an account that `addressOf` gave. False, and nothing moves, if there are not so many.
   */
  pay(source: Hex, target: Hex, amount: Coins): boolean;
  /** Null: there is none. */
  recordOf(key: string): string | null;
  /** Null takes the record away. */
  setRecord(key: string, value: string | null): void;
}

/** By name. */
export type Applications = ReadonlyMap<string, Application>;

/** What it takes to run the applications of a chain. */
export interface AppRules {
  readonly applications: Applications;
  readonly sha256: Sha256;
}

/** A chain for experiments that carry none. */
export const NO_APPLICATIONS: Applications = new Map();

/** Of a record's text as UTF-8: as long as a payload, from which most of it comes. */
export const RECORD_BYTES_MAX = 4_096;

/** Of a record's key as UTF-8, the application's name before it included: room for a label of 100 characters and a number. */
export const RECORD_KEY_BYTES_MAX = 512;

/** Records that one transaction may write: enough to settle a match with a thousand stakes at once. */
export const RECORDS_WRITTEN_MAX = 1_024;

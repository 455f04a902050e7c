import type { Coins, Hex } from "../../core/chain/types.ts";
import type { AppLedger } from "../../core/rules/application.ts";
import { invariant } from "../../core/support/invariant.ts";
import type { MatchId, Scores } from "./payload.ts";

/** What the chain knows of a match that somebody opened. */
export interface MatchRecord {
  readonly opener: Hex;
  readonly stakeCount: number;
  readonly isClosed: boolean;
}

/** Coins on a match. */
export interface Stake {
  readonly bettor: Hex;
  readonly scores: Scores;
  readonly amount: Coins;
}

export function matchKey(matchId: MatchId): string {
  return `match ${matchId}`;
}

/** Stakes of a match have numbers from 0 on. */
export function stakeKey(matchId: MatchId, number: number): string {
  return `stake ${matchId} ${number}`;
}

/** Label of the account that holds the stakes of a match. */
export function potLabel(matchId: MatchId): string {
  return `pot ${matchId}`;
}

export function encodeMatch({ opener, stakeCount, isClosed }: MatchRecord): string {
  return `${opener} ${stakeCount} ${isClosed ? "closed" : "open"}`;
}

export function decodeMatch(record: string): MatchRecord {
  const [opener = "", stakeCount = "", state = ""] = record.split(" ");
  return { opener, stakeCount: Number(stakeCount), isClosed: state === "closed" };
}

export function encodeStake({ bettor, scores, amount }: Stake): string {
  return `${bettor} ${scores[0]} ${scores[1]} ${amount}`;
}

/** One that these rules wrote. */
export function takeStake(ledger: AppLedger, matchId: MatchId, number: number): Stake {
  const key = stakeKey(matchId, number);
  const record = ledger.recordOf(key);
  invariant(record !== null, `the stake ${key} is missing`);
  ledger.setRecord(key, null);
  const [bettor = "", one = "", two = "", amount = ""] = record.split(" ");
  return { bettor, scores: [one, two], amount: BigInt(amount) };
}

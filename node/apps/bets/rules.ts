import type { Hex } from "../../core/chain/types.ts";
import {
  type AppLedger,
  type Application,
  type AppRefusal,
  appRefusal,
} from "../../core/rules/application.ts";
import { invariant } from "../../core/support/invariant.ts";
import {
  decodeMatch,
  encodeMatch,
  encodeStake,
  matchKey,
  potLabel,
  stakeKey,
  takeStake,
} from "./match-record.ts";
import {
  areSameScores,
  type Bet,
  type BetsPayload,
  decodeBetsPayload,
  type MatchResult,
  type OpenMatch,
} from "./payload.ts";
import { sharePot } from "./payouts.ts";

/** Bets with coins on one match: its result pays them all in one transaction, which must stay small work. */
export const STAKES_MAX = 1_000;

function open({ matchId }: OpenMatch, sender: Hex, ledger: AppLedger): AppRefusal | null {
  if (ledger.recordOf(matchKey(matchId)) !== null) return appRefusal("already-open", { matchId });
  ledger.setRecord(matchKey(matchId), encodeMatch({ opener: sender, stakeCount: 0, isClosed: false }));
  return null;
}

function bet({ matchId, scores, amount }: Bet, sender: Hex, ledger: AppLedger): AppRefusal | null {
  const record = ledger.recordOf(matchKey(matchId));
  const match = record === null ? null : decodeMatch(record);
  if (match?.isClosed) return appRefusal("closed", { matchId });
  if (amount === undefined) return null;
  if (match === null) return appRefusal("not-open", { matchId });
  const { stakeCount } = match;
  if (stakeCount >= STAKES_MAX) return appRefusal("match-full", { matchId, stakesMax: STAKES_MAX });
  if (!ledger.pay(sender, ledger.addressOf(potLabel(matchId)), amount)) {
    const balance = ledger.balanceOf(sender).toString();
    return appRefusal("no-coins", { account: sender, balance, amount: amount.toString() });
  }
  ledger.setRecord(stakeKey(matchId, stakeCount), encodeStake({ bettor: sender, scores, amount }));
  ledger.setRecord(matchKey(matchId), encodeMatch({ ...match, stakeCount: stakeCount + 1 }));
  return null;
}

function publish({ matchId, scores }: MatchResult, sender: Hex, ledger: AppLedger): AppRefusal | null {
  const record = ledger.recordOf(matchKey(matchId));
  if (record === null) return appRefusal("not-open", { matchId });
  const match = decodeMatch(record);
  if (match.isClosed) return appRefusal("closed", { matchId });
  if (match.opener !== sender) return appRefusal("not-the-opener", { matchId, opener: match.opener });
  const stakes = Array.from({ length: match.stakeCount }, (_, number) => takeStake(ledger, matchId, number));
  const winners = stakes.filter((stake) => scores !== null && areSameScores(stake.scores, scores));
  // Where nobody was right all get back what they gave.
  const paid = winners.length > 0 ? winners : stakes;
  const pot = stakes.reduce((sum, { amount }) => sum + amount, 0n);
  const payouts = sharePot(
    pot,
    paid.map(({ amount }) => amount),
  );
  const source = ledger.addressOf(potLabel(matchId));
  for (const [index, { bettor }] of paid.entries())
    invariant(
      ledger.pay(source, bettor, payouts[index] ?? 0n),
      `the pot of ${matchId} does not hold its stakes`,
    );
  ledger.setRecord(matchKey(matchId), encodeMatch({ ...match, stakeCount: 0, isClosed: true }));
  return null;
}

function apply(payload: BetsPayload, sender: Hex, ledger: AppLedger): AppRefusal | null {
  switch (payload.type) {
    case "open":
      return open(payload, sender, ledger);
    case "bet":
      return bet(payload, sender, ledger);
    case "result":
      return publish(payload, sender, ledger);
  }
}

/**
 * Bets on the scores of matches, with coins on them or without. Who opens a match publishes its result, once; the pot goes to those whose scores
 * are exactly right. Refusals: already-open, not-open, closed, match-full, no-coins, not-the-opener.
 */
export const BETS: Application = {
  name: "bets",
  check: (payload) => decodeBetsPayload(payload).fault,
  apply: (payload, { sender }, ledger) => {
    const { value, fault } = decodeBetsPayload(payload);
    return value === null ? appRefusal("bad-payload", { fault }) : apply(value, sender, ledger);
  },
};

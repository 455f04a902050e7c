import type { TransactionFacts } from "../../../core/chain/transaction-facts.ts";
import type { Coins } from "../../../core/chain/types.ts";
import { canonicalField, nonceField, type RenderBlock } from "../../http/block-views.ts";
import { toCoins } from "../../http/coins.ts";
import type { BlockView } from "../../http/offered-block.ts";
import { payloadOf } from "../../http/pending.ts";
import { decodeBetsPayload } from "../payload.ts";
import { BETS } from "../rules.ts";

/** A bet as its clients see it, `amount` in coins where there is one; null of any other transaction. */
export function betView(facts: TransactionFacts, unit: Coins) {
  const payload = payloadOf(facts, BETS.name);
  const bet = payload === null ? null : decodeBetsPayload(payload).value;
  if (bet?.type !== "bet") return null;
  return {
    player: bet.player,
    match_id: bet.matchId,
    team_one_score: bet.scores[0],
    team_two_score: bet.scores[1],
    ...(bet.amount === undefined ? {} : { amount: toCoins(bet.amount, unit) }),
  };
}

/** Blocks count from 1; genesis has the hash that clients expect of it, wherever it stands. */
export function betsView(unit: Coins): BlockView {
  const render: RenderBlock = (block, transactions) => {
    const { header, hash } = block;
    const isGenesis = header.height === 0;
    return {
      index: header.height + 1,
      timestamp: Math.floor(header.timeMs / 1_000),
      bets: transactions.map((facts) => betView(facts, unit)).filter((bet) => bet !== null),
      nonce: isGenesis ? 100 : nonceField(header.nonce),
      hash: isGenesis ? "0" : hash,
      previous_block_hash: header.height <= 1 ? "0" : header.parentHash,
      canonical: canonicalField(block, transactions),
    };
  };
  return { render, fields: ["index", "timestamp", "bets", "nonce", "hash", "previous_block_hash"] };
}

import { decodeBetsPayload, type MatchId } from "./payload.ts";

/** The bets of a player, whatever the case of the name. */
export function playerLabel(player: string): string {
  return `bets/player/${player.toLowerCase()}`;
}

/** The bets on a match, whose id has its case. */
export function matchLabel(matchId: MatchId): string {
  return `bets/match/${matchId}`;
}

export function betsLabels(payload: string): readonly string[] {
  const { value } = decodeBetsPayload(payload);
  return value?.type === "bet" ? [playerLabel(value.player), matchLabel(value.matchId)] : [];
}

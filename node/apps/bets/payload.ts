import type { Decoded } from "../../core/chain/bytes.ts";
import type { Coins } from "../../core/chain/types.ts";
import {
  amount,
  decodePayload,
  type Field,
  fieldsOf,
  oneOf,
  optional,
  text,
  textOrNumber,
} from "../support/decode-payload.ts";
import { NAME_LENGTH_MAX } from "../support/labels.ts";

/** Goals as a client wrote them: a number or its digits. "2" is 2, and each reads back as it was written. */
export type Score = number | string;

export type Scores = readonly [Score, Score];

/** In the way of the client that named it; 7 and "7" are one match. */
export type MatchId = number | string;

export interface Bet {
  readonly type: "bet";
  readonly player: string;
  readonly matchId: MatchId;
  readonly scores: Scores;
  /** In smallest units; left out: a bet for the honour. */
  readonly amount?: Coins | undefined;
}

/** From now on coins can be staked on the match, and its result is this account's to publish. */
export interface OpenMatch {
  readonly type: "open";
  readonly matchId: MatchId;
}

export interface MatchResult {
  readonly type: "result";
  readonly matchId: MatchId;
  /** Null: the match did not come about. */
  readonly scores: Scores | null;
}

export type BetsPayload = Bet | OpenMatch | MatchResult;

/** Goals of one team. */
export const SCORE_MAX = 999;

export function decodeBetsPayload(payload: string): Decoded<BetsPayload> {
  switch (fieldsOf(payload)?.type) {
    case "bet":
      return decodePayload<Bet>(payload, {
        type: oneOf("bet"),
        player: text(NAME_LENGTH_MAX),
        matchId,
        scores,
        amount: optional(amount()),
      });
    case "open":
      return decodePayload<OpenMatch>(payload, { type: oneOf("open"), matchId });
    case "result":
      return decodeResult(payload);
    default:
      return { value: null, fault: "type: bet, open or result expected" };
  }
}

function decodeResult(payload: string): Decoded<MatchResult> {
  const decoders = { type: oneOf("result"), matchId, scores: scoresOrVoid };
  const { value, fault } = decodePayload<Omit<MatchResult, "scores"> & { scores: Scores | "void" }>(
    payload,
    decoders,
  );
  if (value === null) return { value, fault };
  return { value: { ...value, scores: value.scores === "void" ? null : value.scores }, fault: null };
}

/** Whether two bets are on the same scores, however they are written. */
export function areSameScores(a: Scores, b: Scores): boolean {
  return Number(a[0]) === Number(b[0]) && Number(a[1]) === Number(b[1]);
}

const scores: Field<Scores> = {
  decode: (value) => {
    if (!Array.isArray(value) || value.length !== 2) return null;
    const [one, two]: unknown[] = value;
    return isScore(one) && isScore(two) ? [one, two] : null;
  },
  expected: `two whole numbers from 0 to ${SCORE_MAX}, or their digits, expected`,
};

/** A decoder's null is a fault, so that of a result has a word here. */
const scoresOrVoid: Field<Scores | "void"> = {
  decode: (value) => (value === null ? "void" : scores.decode(value)),
  expected: `${scores.expected}, or null`,
};

const matchId = textOrNumber(NAME_LENGTH_MAX);

export function isScore(value: unknown): value is Score {
  if (typeof value === "string") return /^\d{1,3}$/.test(value);
  return Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= SCORE_MAX;
}

import * as z from "zod";
import { address, canonical, index, nonce, seconds } from "../../http/shapes.ts";

const score = () => z.union([z.int(), z.string()]);

export const betShape = z
  .object({
    player: z.string(),
    match_id: z.union([z.int(), z.string()]),
    team_one_score: score(),
    team_two_score: score(),
    amount: z.number().optional(),
  })
  .meta({ id: "Bet", description: "amount: coins, where the bet has any." });

export const blockchainShape = z
  .object({
    chain: z.array(
      z.object({
        index: index(),
        timestamp: seconds(),
        bets: z.array(betShape),
        nonce: nonce(),
        hash: z.string(),
        previous_block_hash: z.string(),
        canonical: canonical(),
      }),
    ),
    pending_bets: z.array(betShape),
    network_nodes: z.array(address()),
    current_node_url: address(),
  })
  .meta({ id: "BetsChain" });

const scoreGiven = () => z.union([z.number(), z.string()]);
const matchGiven = () => z.union([z.number(), z.string()]);

export const betBody = z.object({
  playername: z.string(),
  matchid: matchGiven(),
  teamonescore: scoreGiven(),
  teamtwoscore: scoreGiven(),
  /** Coins. */
  amount: z.number().optional(),
});

export const openBody = z.object({ openername: z.string(), matchid: matchGiven() });

export const resultBody = z.object({
  openername: z.string(),
  matchid: matchGiven(),
  /** Null, both: the match did not come about. */
  teamonescore: scoreGiven().nullable(),
  teamtwoscore: scoreGiven().nullable(),
});

import * as z from "zod";
import { address, canonical, index, nonce, seconds } from "../../http/shapes.ts";

export const postShape = z
  .object({ author: z.string(), content: z.string(), timestamp: seconds() })
  .meta({ id: "BoardPost" });

export const boardChainShape = z
  .object({
    length: index(),
    chain: z.array(
      z.object({
        index: index(),
        transactions: z.array(postShape),
        timestamp: seconds(),
        previous_hash: z.string(),
        nonce: nonce(),
        hash: z.string(),
        canonical: canonical(),
      }),
    ),
    peers: z.array(address()),
  })
  .meta({ id: "BoardChain" });

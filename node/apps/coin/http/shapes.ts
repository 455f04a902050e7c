import * as z from "zod";
import { index, nonce, seconds } from "../../http/shapes.ts";

export const paymentShape = z
  .object({ sender: z.string(), recipient: z.string(), amount: z.number() })
  .meta({ id: "CoinPayment" });

const blockFields = {
  index: index(),
  transactions: z.array(paymentShape),
  proof: nonce(),
  previous_hash: z.string(),
};

const coinBlockShape = z
  .object({ ...blockFields, timestamp: seconds(), hash: z.string() })
  .meta({ id: "CoinBlock" });

export const forgedShape = z.object({ message: z.string(), ...blockFields, hash: z.string() });
export const coinChainShape = z.object({ chain: z.array(coinBlockShape), length: index() });
export const resolvedShape = z.object({
  message: z.string(),
  chain: z.array(coinBlockShape).optional(),
  new_chain: z.array(coinBlockShape).optional(),
});
export const coinAccountShape = z.object({
  account: z.string(),
  balance: z.number(),
  owner: z.string().nullable(),
});

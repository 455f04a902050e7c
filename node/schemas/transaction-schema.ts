import * as z from "zod";
import { coins, hex } from "./decode.ts";

const body = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("transfer"), recipient: hex(32), amount: coins() }),
  // The rules bound the text's bytes; the bound here is the format's, so that the rule gets to say so.
  z.strictObject({ kind: z.literal("post"), text: z.string().max(65_535) }),
  z.strictObject({
    kind: z.literal("app"),
    app: z.string().regex(/^[a-z0-9-]{1,16}$/, { error: "1 to 16 of a-z, 0-9 and - expected" }),
    payload: z.string().max(65_535),
  }),
]);

/** A signed transaction as JSON: the fields of `Transaction`, amounts as decimal strings. Nobody submits a coinbase. */
export const transactionSchema = z.strictObject({
  body,
  sender: hex(32),
  sequence: z.int().min(0).max(0xffff_ffff),
  fee: coins(),
  signature: hex(64),
});

import * as z from "zod";
import { parametersFault } from "../core/rules/genesis.ts";
import type { ChainParameters } from "../core/rules/parameters.ts";
import { coins, type DecodedValue, decodeJson, hex } from "./decode.ts";

const schema = z.strictObject({
  name: z.string(),
  seal: z.enum(["hash", "drawn"]),
  initialCompactTarget: z.int(),
  difficultyRule: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("fixed") }),
    z.strictObject({ kind: z.literal("bitcoin"), periodBlocks: z.int(), blockIntervalMs: z.int() }),
  ]),
  genesisTimeMs: z.int(),
  allocations: z.array(z.strictObject({ account: hex(32), amount: coins() })),
  blockReward: coins(),
  blockBytesMax: z.int(),
  futureLimitMs: z.int(),
});

/** The parameters in a JSON text: the fields of `ChainParameters`, amounts as decimal strings. */
export function decodeChainParameters(text: string): DecodedValue<ChainParameters> {
  const decoded = decodeJson(schema, text);
  if (!decoded.ok) return decoded;
  const fault = parametersFault(decoded.value);
  return fault === null ? decoded : { ok: false, fault };
}

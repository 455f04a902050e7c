import * as z from "zod";
import { nodeName } from "./decode.ts";

/** 100 s: longer delays are a cut, and the message would outlive every deadline of the protocol. */
const DELAY_US_MAX = 100_000_000;

const delayUs = () => z.int().min(0).max(DELAY_US_MAX);

const latency = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("constant"), delayUs: delayUs() }),
  z
    .strictObject({ kind: z.literal("uniform"), minUs: delayUs(), maxUs: delayUs() })
    .refine((model) => model.minUs <= model.maxUs, { error: "minUs above maxUs" }),
  z.strictObject({ kind: z.literal("exponential"), meanUs: delayUs() }),
  z.strictObject({ kind: z.literal("lognormal"), medianUs: delayUs(), sigma: z.number().min(0).max(3) }),
]);

const lossRatio = z.number().min(0).lt(1);

const condition = z.strictObject({ latency, lossRatio, cut: z.boolean() });
const conditionPatch = condition.partial();

/** Peers that conditions may name: as many as there can be links, and some that come later. */
const LINKS_COUNT_MAX = 1_024;

const links = <T extends z.ZodType>(each: T) =>
  z.record(nodeName(), each).refine((record) => Object.keys(record).length <= LINKS_COUNT_MAX, {
    error: `${LINKS_COUNT_MAX} links at most`,
  });

const uplinkBitsPerSec = z.number().positive().nullable();
const blockPaddingBytes = z.int().min(0).max(1_000_000_000);
const seed = z.string().max(1_000);

/** The file that `--links` names. */
export const linkConditionsSchema = z.strictObject({
  seed,
  default: condition,
  links: links(condition),
  uplinkBitsPerSec,
  blockPaddingBytes,
});

/** The body of `PUT /control/links`. The seed is not in it: draws are fixed for the life of a node. */
export const linkConditionsPatchSchema = z.strictObject({
  default: conditionPatch.optional(),
  links: links(conditionPatch).optional(),
  uplinkBitsPerSec: uplinkBitsPerSec.optional(),
  blockPaddingBytes: blockPaddingBytes.optional(),
});

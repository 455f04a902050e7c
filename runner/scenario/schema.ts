import * as z from "zod";
import { expectSchema } from "./expect-schema.ts";
import { networkSchema } from "./network-schema.ts";
import { NODE_COUNT_MAX } from "./node-set.ts";
import { duration, eventRate, hashRate, positiveDuration, size } from "./quantities.ts";
import { timelineSchema } from "./timeline-schema.ts";

/**
 * The scenario file. This one source gives the types, the checks and their messages, the JSON Schema for editors
 * (`scenarios/schema.json`) and the reference page (`docs/scenario.md`); `npm run generate` writes the last two.
 */

const nodesSchema = z
  .strictObject({
    count: z
      .int()
      .min(1)
      .max(NODE_COUNT_MAX)
      .meta({ description: "How many nodes; their indices count from 0." }),
    hashRate: z
      .union([
        hashRate(),
        z.array(hashRate(), { error: "a list of them" }),
        z.strictObject({
          total: hashRate().meta({ description: "Of the whole network." }),
          shares: z
            .array(z.number().min(0))
            .min(1)
            .meta({
              description:
                "Weights of node 0, 1, ...; their sum may be any. Nodes after the last one do not mine.",
              examples: [[3, 2, 1]],
            }),
        }),
      ])
      .meta({ description: "Of each node; or a list, one for each; or shares of a total." }),
  })
  .meta({ description: "The nodes and how fast they mine." });

const chainSchema = z
  .strictObject({
    difficulty: z.number().min(0).max(120).meta({
      description:
        "Leading zero bits that a block's hash needs, fractions allowed: 2^difficulty hashes are expected for a block, and difficulty 17 at 200 kH/s makes one every 0.66 s.",
      unit: "bits",
    }),
    seal: z.enum(["hash", "drawn"]).optional().meta({
      description:
        "hash: nodes really hash. drawn: the time to the next block is drawn from the distribution that hashing has. Left out: what the backend does best.",
    }),
    rule: z
      .union([
        z.literal("fixed"),
        z.strictObject({
          kind: z.literal("bitcoin").meta({
            description:
              "Bitcoin's: after each period the target follows the time it took, by a factor of 4 at most.",
          }),
          period: z
            .int()
            .min(2)
            .max(100_000)
            .meta({ description: "Blocks between two adjustments.", unit: "blocks" }),
          blockInterval: positiveDuration().meta({
            description: "The time between blocks that the rule aims at.",
          }),
        }),
      ])
      .prefault("fixed")
      .meta({ description: "How the difficulty changes." }),
    reward: z
      .int()
      .min(0)
      .prefault(50)
      .transform(BigInt)
      .meta({ description: "Coins that a block creates.", unit: "coins" }),
    blockSize: size("1kB", "100MB")
      .prefault("1MB")
      .meta({ description: "Bound of a block, header and transactions." }),
  })
  .meta({ description: "The rules of the chain." });

/** Fees are whole coins; the bound keeps a balance within what genesis can hold. */
const fee = () => z.int().min(0).max(1_000_000);

const transactionsSchema = z
  .strictObject({
    rate: eventRate().prefault("0/s").meta({
      description:
        "Arrivals of the whole network: a Poisson process that does not wait for answers (open loop).",
    }),
    kind: z
      .enum(["transfer", "post"])
      .prefault("transfer")
      .meta({ description: "What they do: move a coin to another account, or carry a short text." }),
    accounts: z.int().min(1).max(100_000).optional().meta({
      description:
        "Accounts that send, spread over the nodes. Left out: one for every four transactions, from 10 to 1000, so that those of one account seldom wait for one another.",
    }),
    fee: z
      .union([
        fee(),
        z.strictObject({
          min: fee().meta({ description: "The lowest fee." }),
          max: fee().meta({ description: "The highest fee." }),
        }),
      ])
      .prefault({ min: 1, max: 10 })
      .meta({
        description: "Coins paid to the miner: one value, or a range whose values are equally likely.",
        unit: "coins",
      }),
    confirmations: z.int().min(1).max(1000).prefault(6).meta({
      description:
        "Depth at which a transaction counts as confirmed. As many of the last heights are left out of the rates.",
      unit: "blocks",
    }),
  })
  .prefault({})
  .meta({ description: "The load." });

export const scenarioSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, {
      error: "lower-case letters, digits and dashes, at most 64, since it names a folder",
    })
    .meta({ description: "Names the experiment and the folder of its results." }),
  seed: z
    .union([z.int().min(0), z.string().min(1).max(64)], { error: "a whole number or a text" })
    .prefault(1)
    .transform(String)
    .meta({ description: "Every random choice follows from it." }),
  duration: positiveDuration().meta({ description: "How long the run lasts." }),
  warmUp: duration().prefault("0s").meta({ description: "Left out of the rates at the start of the run." }),
  nodes: nodesSchema,
  chain: chainSchema,
  network: networkSchema.prefault({}).meta({ description: "How messages travel." }),
  transactions: transactionsSchema,
  timeline: timelineSchema.meta({
    description: "What goes wrong, and when. Each line has a time and one word for what happens.",
  }),
  expect: expectSchema.meta({ description: "What must hold for the run to count as a success." }),
});

/** A scenario decoded: quantities with their units, defaults filled in. */
export type ScenarioSettings = z.output<typeof scenarioSchema>;

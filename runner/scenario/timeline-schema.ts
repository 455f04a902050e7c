import * as z from "zod";
import { latencySchema } from "./network-schema.ts";
import { nodeSet } from "./node-set.ts";
import { bitRate, duration, hashRate, positiveDuration, ratio } from "./quantities.ts";

const groups = () =>
  z
    .array(nodeSet(), { error: "a list of groups of nodes such as [[0-5], [6-9]]" })
    .min(2, { error: "at least two groups" });

/**
 * The words for what can go wrong, one of which each line of the timeline has.
 * The order here is the order of the reference page.
 */
const FAULTS = {
  partition: z
    .union([
      groups(),
      z.strictObject({
        from: nodeSet().meta({ description: "Whose messages are lost." }),
        to: nodeSet().meta({ description: "To whom." }),
      }),
    ])
    .meta({
      description:
        "Cuts the links between groups; every node is in exactly one. With from and to: one way only, the other stays open. Partitions add up until they are healed.",
      examples: [[["0-5"], ["6-9"]]],
    }),
  isolate: nodeSet().meta({ description: "Cuts every link of these nodes, also those between them." }),
  heal: z
    .union([z.literal("all"), groups()], {
      error: `"all", or a list of groups of nodes such as [[0-5], [6-9]]`,
    })
    .meta({ description: "Opens every link again, or those between these groups." }),
  latency: latencySchema().meta({ description: "Another latency, on every link or on those of `nodes`." }),
  loss: ratio()
    .refine((value) => value.ratio < 1, { error: "a share below 100%" })
    .meta({ description: "Another share of lost packets, on every link or on those of `nodes`." }),
  bandwidth: z
    .union([z.literal("unlimited"), z.null(), bitRate()], {
      error: `a bandwidth with its unit, such as "10Mbit/s" (bit/s, kbit/s, Mbit/s, Gbit/s), or "unlimited"`,
    })
    .transform((value) => ({ bitsPerSec: value === "unlimited" || value === null ? null : value.bitsPerSec }))
    .meta({ description: "Another bandwidth, of every node or of `nodes`.", unit: "bandwidth" }),
  crash: nodeSet().meta({
    description: "Kills nodes without warning, as kill -9 does. What they had stored stays.",
  }),
  restart: nodeSet().meta({
    description: "Starts crashed nodes again; they load what they had stored and catch up.",
  }),
  pause: nodeSet().meta({
    description: "Nodes stand still: they neither mine nor answer, and keep their memory.",
  }),
  resume: nodeSet().meta({ description: "Paused nodes go on." }),
  hashRate: hashRate().meta({ description: "Another hash rate, of each node or of each of `nodes`." }),
};

/** In the order of the reference page. */
export const FAULT_WORDS = Object.keys(FAULTS) as readonly FaultWord[];
export type FaultWord = keyof typeof FAULTS;

/** Words that take `nodes:`; the others name their nodes themselves. */
export const SCOPED_WORDS: ReadonlySet<FaultWord> = new Set<FaultWord>([
  "latency",
  "loss",
  "bandwidth",
  "hashRate",
]);

/** Words that `for:` has no meaning with: they undo something themselves. */
export const UNDOING_WORDS: ReadonlySet<FaultWord> = new Set<FaultWord>(["heal", "restart", "resume"]);

const optionalFaults = Object.fromEntries(
  Object.entries(FAULTS).map(([word, schema]) => [word, schema.optional()]),
) as { [Word in FaultWord]: z.ZodOptional<(typeof FAULTS)[Word]> };

/** Exactly one word is checked by `timeline-checks.ts`, which can say where; editors learn it from `oneOf`. */
const entrySchema = z
  .strictObject({
    at: duration().meta({ description: "When, counted from the start of the run." }),
    ...optionalFaults,
    nodes: nodeSet()
      .optional()
      .meta({ description: "Whom latency, loss, bandwidth or hashRate concern; left out: all." }),
    for: positiveDuration()
      .optional()
      .meta({ description: "Undone after this time. Not with heal, restart and resume." }),
  })
  .meta({ oneOf: FAULT_WORDS.map((word) => ({ required: [word] })) });

export type TimelineEntry = z.output<typeof entrySchema>;

/** What goes wrong, and when; any order. */
export const timelineSchema = z
  .array(entrySchema)
  // A bound on what a plan resolves: each line costs time and memory in the order of the links.
  .max(1000)
  .prefault([]);

import * as z from "zod";
import { bitRate, duration, positiveDuration, ratio, size } from "./quantities.ts";

/** `kind: a, b or c`, for the message when a mapping has no known kind. */
const kinds = (...names: string[]) => ({
  error: (issue: { code?: string | undefined }) =>
    issue.code === "invalid_union"
      ? `one of ${names.join(", ")}`
      : `a mapping with a kind (${names.join(", ")})`,
});

/** One-way delay of a message on a link. A duration alone is a constant. */
export const latencySchema = () =>
  z
    .union([
      duration(),
      z.discriminatedUnion(
        "kind",
        [
          z.strictObject({
            kind: z.literal("constant").meta({ description: "Every message takes the same time." }),
            delay: duration().meta({ description: "That time." }),
          }),
          z.strictObject({
            kind: z.literal("uniform").meta({ description: "Every delay of a range is as likely." }),
            min: duration().meta({ description: "The shortest delay." }),
            max: positiveDuration().meta({ description: "The longest delay." }),
          }),
          z.strictObject({
            kind: z.literal("exponential").meta({ description: "Exponentially distributed." }),
            mean: positiveDuration().meta({ description: "The mean delay." }),
          }),
          z.strictObject({
            kind: z
              .literal("lognormal")
              .meta({ description: "The logarithm is normal: a few messages are late." }),
            median: positiveDuration().meta({ description: "Half of the messages are faster." }),
            sigma: z
              .number()
              .min(0)
              .max(3)
              .meta({ description: "Standard deviation of the natural logarithm of the delay." }),
          }),
        ],
        kinds("constant", "uniform", "exponential", "lognormal"),
      ),
    ])
    .meta({ unit: "latency" });

const LINKS_OPENED =
  "Links that each node opens, to others that it is not linked with yet; as many come in on average.";

/** Who is linked with whom. Every graph is connected. */
const topologySchema = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({
      kind: z
        .enum(["full-mesh", "clique"])
        .meta({ description: "Everybody with everybody; two names for one." }),
    }),
    z.strictObject({
      kind: z.literal("ring").meta({ description: "Each node with the next, the last with the first." }),
    }),
    z.strictObject({ kind: z.literal("line").meta({ description: "Each node with the next." }) }),
    z.strictObject({
      kind: z.literal("star").meta({ description: "Node 0 with all others, which have no other link." }),
    }),
    z.strictObject({
      kind: z
        .literal("random-regular")
        .meta({ description: "Pseudo-random; every node has the same number of links." }),
      degree: z
        .int()
        .min(1)
        .max(100)
        .meta({ description: "Links of each node. Nodes times degree must be even." }),
    }),
    z.strictObject({
      kind: z
        .literal("random")
        .meta({ description: "Pseudo-random; every node opens the same number of links." }),
      out: z.int().min(1).max(100).prefault(8).meta({ description: LINKS_OPENED }),
    }),
    z.strictObject({
      kind: z.literal("regions").meta({
        description:
          "As random, with the nodes spread over six regions of the world as Bitcoin's were in 2019, and the mean latency of each pair of regions (SimBlock's tables).",
      }),
      out: z.int().min(1).max(100).prefault(8).meta({ description: LINKS_OPENED }),
      sigma: z.number().min(0).max(3).prefault(0.2).meta({
        description: "Spread of the delays around their region's mean: sigma of a lognormal distribution.",
      }),
    }),
    z.strictObject({
      kind: z.literal("edges").meta({ description: "The links one by one." }),
      edges: z
        .array(z.tuple([z.int().min(0), z.int().min(0)], { error: "a pair of nodes such as [0, 1]" }))
        .min(1)
        .meta({
          description: "Pairs of nodes, either order, each pair once.",
          examples: [
            [
              [0, 1],
              [1, 2],
            ],
          ],
        }),
    }),
  ],
  kinds("full-mesh", "ring", "line", "star", "random-regular", "random", "regions", "edges"),
);

export const networkSchema = z.strictObject({
  topology: topologySchema.prefault({ kind: "full-mesh" }).meta({ description: "Who is linked with whom." }),
  latency: latencySchema().optional().meta({
    description:
      "One-way delay of a message on every link, bandwidth apart. Not with the topology regions, which brings its own. Left out: lognormal, median 50ms, sigma 0.4.",
  }),
  bandwidth: z
    .union([z.literal("unlimited"), z.null(), bitRate()], {
      error: `a bandwidth with its unit, such as "10Mbit/s" (bit/s, kbit/s, Mbit/s, Gbit/s), or "unlimited"`,
    })
    .prefault("unlimited")
    .transform((value) => (value === "unlimited" ? null : value))
    .meta({
      description: "What each node can send at once, over all its links together.",
      unit: "bandwidth",
    }),
  loss: ratio()
    .refine((value) => value.ratio < 1, { error: "a share below 100%" })
    .prefault(0)
    .meta({
      description:
        "Share of packets lost. Messages are not lost: each lost packet costs the delay of sending it again.",
    }),
  blockPadding: size("0B", "1GB").prefault("0B").meta({
    description: "Added to each block on the wire, to study large blocks without their transactions.",
  }),
  enforce: z.enum(["node", "kernel"]).prefault("node").meta({
    description:
      "Who delays, loses and paces what is sent: the sending node, which works everywhere, or the kernel below it (tc, with netem), which only docker offers, where the kernel has it; docs/containers.md says what is different then.",
  }),
  relay: z.enum(["announce", "push", "compact"]).prefault("announce").meta({
    description:
      "How blocks and transactions spread: announced and sent on request (transactions by their ids, gathered for half a second), sent whole and at once, or blocks as header and short ids of transactions that peers mostly have (then padding is not sent).",
  }),
});

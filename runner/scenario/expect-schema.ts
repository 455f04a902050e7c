import * as z from "zod";
import { duration, positiveDuration, ratio } from "./quantities.ts";

/** How a figure is written in the scenario, and what number it becomes: a ratio, a count, or microseconds. */
type FigureKind = "share" | "count" | "duration";

interface Figure {
  readonly kind: FigureKind;
  readonly description: string;
}

/** The figures of a run that `expect:` can bound. `runner/analysis` computes them under these names. */
export const FIGURES = {
  reorgDepth: { kind: "count", description: "Blocks given up in the deepest reorganisation of any node." },
  forkRate: { kind: "share", description: "Heights with more than one block, over all heights." },
  staleRate: { kind: "share", description: "Blocks off the final chain, over all blocks." },
  propagationP50: {
    kind: "duration",
    description: "Time from a block's making to its arrival at a node, median.",
  },
  propagationP90: { kind: "duration", description: "The same, 90th percentile." },
  propagationP99: { kind: "duration", description: "The same, 99th percentile." },
  confirmationP50: {
    kind: "duration",
    description: "Time from submission to the asked number of confirmations, median.",
  },
  confirmationP90: { kind: "duration", description: "The same, 90th percentile." },
  confirmationP99: { kind: "duration", description: "The same, 99th percentile." },
  blocks: { kind: "count", description: "Blocks mined in the measured window." },
  blockInterval: { kind: "duration", description: "Mean time between two blocks of the final chain." },
  confirmedRatio: { kind: "share", description: "Transactions confirmed in time, over all submitted." },
  refused: { kind: "count", description: "Transactions that a node refused." },
} as const satisfies Record<string, Figure>;

export type FigureName = keyof typeof FIGURES;

/** Numbers that a plan's expectation holds: a share from 0 to 1, a count, or microseconds. */
const VALUES = {
  share: () => ratio().transform((value) => value.ratio),
  count: () => z.int().min(0),
  duration: () => duration().transform((value) => value.us),
};

function bounds({ kind, description }: Figure) {
  return z
    .strictObject({
      min: VALUES[kind]().optional().meta({ description: "The least that is allowed." }),
      max: VALUES[kind]().optional().meta({ description: "The most that is allowed." }),
    })
    .optional()
    .meta({ description, minProperties: 1 });
}

const figureBounds = Object.fromEntries(
  Object.entries(FIGURES).map(([name, figure]) => [name, bounds(figure)]),
) as Record<FigureName, ReturnType<typeof bounds>>;

export const expectSchema = z
  .strictObject({
    converged: z
      .strictObject({
        within: positiveDuration().meta({ description: "How long that may take." }),
      })
      .optional()
      .meta({
        description:
          "After each heal, restart or resume that leaves no link cut, all running nodes come to have one tip. In a run without these they have had one near its end.",
      }),
    ...figureBounds,
  })
  .prefault({});

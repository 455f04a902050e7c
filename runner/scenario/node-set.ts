import * as z from "zod";

const EXPECTED = `nodes: "all", a number, a range such as "0-5", or a list of these`;

/** The largest network that a scenario may ask for: what a machine with 8 GB simulates in minutes. */
export const NODE_COUNT_MAX = 100_000;

/** One node or a range, as `first` to `last`, both included. `all` has no end until the count is known. */
export interface NodeRange {
  readonly first: number;
  readonly last: number;
}

const NODE = z
  .int({ error: EXPECTED })
  .min(0, { error: EXPECTED })
  .transform((index): NodeRange => ({ first: index, last: index }));
const RANGE = z
  .string({ error: EXPECTED })
  .regex(/^\d{1,9}(-\d{1,9})?$/, { error: EXPECTED })
  .transform((text): NodeRange => {
    const [first = 0, last = first] = text.split("-").map(Number);
    return { first, last };
  })
  .refine((range) => range.first <= range.last, { error: "a range whose first node is not above its last" });
const ALL = z.literal("all").transform((): NodeRange => ({ first: 0, last: Number.POSITIVE_INFINITY }));

/** Nodes by index: `3`, `0-5`, `[0-2, 7]`, `all`. Decoded into ranges in the order of the file; not yet checked against the count. */
export const nodeSet = () =>
  z
    .union(
      [
        ALL,
        NODE,
        RANGE,
        z
          .array(z.union([NODE, RANGE], { error: EXPECTED }), { error: EXPECTED })
          .min(1, { error: "at least one node" }),
      ],
      { error: EXPECTED },
    )
    .transform((value): readonly NodeRange[] => (Array.isArray(value) ? value : [value]))
    .meta({ unit: "nodes" });

/** The indices of a set, ascending, each once. `all` and ranges end at the last node. */
export function nodesOf(ranges: readonly NodeRange[], nodeCount: number): number[] {
  const chosen = new Set<number>();
  for (const { first, last } of ranges)
    for (let node = first; node <= Math.min(last, nodeCount - 1); node++) chosen.add(node);
  return [...chosen].sort((a, b) => a - b);
}

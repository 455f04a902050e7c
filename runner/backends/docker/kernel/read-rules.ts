import * as z from "zod";
import type { LinkCondition } from "../../../../node/link/link-conditions.ts";
import { netemDelay } from "./delay-distribution.ts";
import { minorOf } from "./tc-commands.ts";

/** How far from what was asked a value may come back: the kernel counts in 64 ns and in 2^-32. */
const DELAY_SEC_OFF_MAX = 2e-6;
const RATIO_OFF_MAX = 1e-6;

/** What `tc -json qdisc show` says of netem. Times in seconds; what is none is left out. */
const qdiscSchema = z.object({
  handle: z.string().optional(),
  options: z
    .object({
      delay: z.object({ delay: z.number(), jitter: z.number() }).optional(),
      "loss-random": z.object({ loss: z.number() }).optional(),
    })
    .optional(),
});

/** Delay and loss of one peer's queue, as the kernel has them now. */
export interface ReadRules {
  readonly middleSec: number;
  readonly spreadSec: number;
  readonly lossRatio: number;
}

export const READ_COMMAND = ["tc", "-json", "qdisc", "show"] as const;

/** The rules towards this peer, from what the kernel told; null when it told of none. */
export function rulesTowards(peer: number, told: string): ReadRules | null {
  const found = decodeQdiscs(told).find(({ handle }) => handle === `${minorOf(peer)}:`);
  if (found === undefined) return null;
  const { delay, "loss-random": loss } = found.options ?? {};
  return { middleSec: delay?.delay ?? 0, spreadSec: delay?.jitter ?? 0, lossRatio: loss?.loss ?? 0 };
}

function decodeQdiscs(json: string): z.output<typeof qdiscSchema>[] {
  try {
    return z.array(qdiscSchema).parse(JSON.parse(json));
  } catch {
    // Another tc than we know: what it said tells of no rules.
    return [];
  }
}

/** Whether the kernel has what this condition asks. The table of a spread cannot be read back; what it does can be measured. */
export function areRulesOf(read: ReadRules | null, { latency, lossRatio }: LinkCondition): boolean {
  if (read === null) return false;
  const { middleUs, spreadUs } = netemDelay(latency);
  return (
    Math.abs(read.middleSec - middleUs / 1e6) <= DELAY_SEC_OFF_MAX &&
    Math.abs(read.spreadSec - spreadUs / 1e6) <= DELAY_SEC_OFF_MAX &&
    Math.abs(read.lossRatio - lossRatio) <= RATIO_OFF_MAX
  );
}

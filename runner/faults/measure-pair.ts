import { PROBE_BYTES } from "../../node/adapters/peers/probe-frames.ts";
import { transmissionUs } from "../../node/link/link-delay.ts";
import type { LinkMeasure, LinkMeasured } from "../../node/ports/peer-directory.ts";
import type { LinkPlan } from "../backends/live/link-plan.ts";
import { NodeRequestError } from "../backends/live/node-client.ts";
import type { MessageDraws } from "./draws-around.ts";
import { type InForce, isStillSo, type Pair } from "./link-pairs.ts";

/**
 * Measures of one kind on one link or node, at most, of which one that is right is enough. A machine on which every third message is late spoils
 * as many in a row once in 6,000 times; what is really wrong costs the run a second or two more.
 */
export const TRIES_MAX = 8;

/** How often a message could not be sent before it is given up: each time the link was in use for as long as this. */
const MISSES_MAX = 2;
const WAIT_MS = 4_000;

/** Beside twice a message's own delay: what a busy machine needs for the rest. */
const SPARE_MS = 1_000;
const DEADLINE_MS_MAX = 20_000;

/** When a message that takes so long is given up. */
export function deadlineMsOf(delayMs: number): number {
  return Math.min(DEADLINE_MS_MAX, Math.ceil(SPARE_MS + 2 * delayMs));
}

/** When a message with these draws arrives that is not lost and that nothing holds up, after it was sent. */
export function dueMs(draws: MessageDraws, { uplinkBitsPerSec }: InForce): number {
  return (transmissionUs(PROBE_BYTES, uplinkBitsPerSec) + draws.latencyUs) / 1_000;
}

/** Null when the message was not sent, or the conditions changed under way. */
export async function measurePair(
  pair: Pair,
  inForce: InForce,
  links: LinkPlan,
  request: Omit<LinkMeasure, "waitMs">,
): Promise<LinkMeasured | null> {
  const [source, target] = pair;
  try {
    const measured = await source.client.measure(target.name, { ...request, waitMs: WAIT_MS });
    return measured.sent && isStillSo(inForce, pair, links) ? measured : null;
  } catch (error) {
    if (error instanceof NodeRequestError) return null;
    throw error;
  }
}

/**
 * Measures again until one is right, as often as is worth it: `measure` is told which try it is, and gives null when there was nothing to
 * measure. Ends with the run.
 */
export async function measureUntil<Measure>(
  measure: (attempt: number) => Promise<Measure | null>,
  isRight: (measure: Measure) => boolean,
  ending: AbortSignal,
): Promise<Measure[]> {
  const measures: Measure[] = [];
  let missCount = 0;
  for (let attempt = 0; attempt < TRIES_MAX && missCount < MISSES_MAX && !ending.aborted; attempt += 1) {
    const measured = await measure(attempt);
    if (measured === null) missCount += 1;
    else measures.push(measured);
    if (measured !== null && isRight(measured)) break;
  }
  return measures;
}

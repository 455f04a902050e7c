import type { Micros } from "../../node/core/support/micros.ts";
import type { NodeChanged } from "../record/run-event.ts";

/** When a node was down or stood still; `untilUs` is infinite if it stayed so. */
export interface DownTime {
  readonly fromUs: Micros;
  readonly untilUs: Micros;
}

/**
 * By node, in the order of time. A node runs from the start of the run, unless the first that the journal says of it is that
 * it started later.
 */
export function downTimesOf(changes: readonly NodeChanged[], nodeCount: number): DownTime[][] {
  const times: DownTime[][] = Array.from({ length: nodeCount }, () => []);
  const downSince = new Map<number, Micros>();
  const seen = new Set<number>();
  for (const { node, atUs, state } of changes) {
    const isUp = state === "started" || state === "resumed";
    if (isUp) {
      const sinceUs = downSince.get(node) ?? (seen.has(node) || state === "resumed" ? null : 0);
      if (sinceUs !== null && sinceUs < atUs) times[node]?.push({ fromUs: sinceUs, untilUs: atUs });
      downSince.delete(node);
    } else if (!downSince.has(node)) downSince.set(node, atUs);
    seen.add(node);
  }
  for (const [node, fromUs] of downSince) times[node]?.push({ fromUs, untilUs: Number.POSITIVE_INFINITY });
  return times;
}

/** How much of a span of time these took. */
export function overlapUs(times: readonly DownTime[], fromUs: Micros, untilUs: Micros): Micros {
  let sumUs = 0;
  for (const time of times)
    sumUs += Math.max(0, Math.min(time.untilUs, untilUs) - Math.max(time.fromUs, fromUs));
  return sumUs;
}

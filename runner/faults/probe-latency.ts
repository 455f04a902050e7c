import { drawLatencyUs } from "../../node/link/latency.ts";
import type { LinkCondition } from "../../node/link/link-conditions.ts";
import { retransmissionUs } from "../../node/link/link-delay.ts";
import type { LinkPlan } from "../backends/live/link-plan.ts";
import type { Evidence } from "./evidence.ts";
import { judgeLatency, type MeasuredDelay } from "./judge-latency.ts";
import { inForceOn, type Pair } from "./link-pairs.ts";
import { deadlineMsOf, measurePair } from "./measure-pair.ts";

/** The median of this many over several links is steady enough to be judged. */
const DELAYS_PER_LINK = 3;

/**
 * Measures some delays on each link, one after the other, since messages of one link hold one another up. Each is judged by its own link's model,
 * since `latency: null` gives every link back the one of the plan.
 */
export async function probeLatency(
  pairs: readonly Pair[],
  links: LinkPlan,
  ending: AbortSignal,
): Promise<Evidence> {
  const delays = await Promise.all(pairs.map((pair) => measureLink(pair, links, ending)));
  return judgeLatency(delays.flat());
}

async function measureLink(pair: Pair, links: LinkPlan, ending: AbortSignal): Promise<MeasuredDelay[]> {
  const inForce = await inForceOn(pair, links);
  if (inForce === null) return [];
  const { latency: asked, lossRatio } = inForce.condition;
  const delays: MeasuredDelay[] = [];
  // Any keys do: each link draws something else for them.
  for (let drawKey = 0; drawKey < DELAYS_PER_LINK && !ending.aborted; drawKey += 1) {
    const request = { drawKey, uplinkMs: 0, deadlineMs: deadlineMsOf(longDelayMs(inForce.condition)) };
    const measured = await measurePair(pair, inForce, links, request);
    if (measured?.oneWayMs == null) continue;
    delays.push({ asked, isLossy: lossRatio > 0, oneWayMs: measured.oneWayMs });
  }
  return delays;
}

/** Longer than all but one in a thousand delays, and than all but one in a thousand retransmissions. */
export function longDelayMs({ latency, lossRatio }: Pick<LinkCondition, "latency" | "lossRatio">): number {
  const share = latency.kind === "exponential" ? 0.001 : 0.999;
  return (drawLatencyUs(latency, share) + retransmissionUs(lossRatio, 0.001)) / 1_000;
}

import { drawLatencyUs, type LatencyModel, longestLatencyUs } from "../../../../node/link/latency.ts";
import type { RunPlan } from "../../../plan.ts";

/**
 * The longest latency that the kernel may shape, one way and for all but one in a thousand packets. It delays answers too, and a node gives a peer up
 * that takes five seconds to answer its hello.
 */
const LATENCY_US_MAX = 2_000_000;
const SHARE_BELOW = 0.999;

/** What of a plan the kernel cannot do, in words; null when there is nothing. */
export function refuseByKernel({ edges, timeline, blockPaddingBytes }: RunPlan): string | null {
  if (blockPaddingBytes > 0)
    return "network.blockPadding is bytes that the sending node counts and does not send, and network.enforce is kernel, which sees those alone that are sent: leave one of the two out";
  const link = edges.find(({ latency }) => isTooLong(latency));
  if (link !== undefined)
    return tooLong(`the latency between node-${link.a} and node-${link.b}`, link.latency);
  for (const { fault, index, description } of timeline)
    if (fault.word === "latency" && fault.latency !== null && isTooLong(fault.latency))
      return tooLong(`the latency of line ${index + 1} of the timeline (${description})`, fault.latency);
  return null;
}

/** Whether any link of this plan ever delays or loses anything: then it needs netem, else the kernel's uplinks alone. */
export function needsNetem({
  edges,
  timeline,
  lossRatio,
}: Pick<RunPlan, "edges" | "timeline" | "lossRatio">) {
  const delays = (latency: LatencyModel | null) => latency !== null && longestLatencyUs(latency) > 0;
  return (
    lossRatio > 0 ||
    edges.some(({ latency }) => delays(latency)) ||
    timeline.some(
      ({ fault }) =>
        (fault.word === "latency" && delays(fault.latency)) || (fault.word === "loss" && fault.ratio > 0),
    )
  );
}

function isTooLong(latency: LatencyModel): boolean {
  return longUs(latency) > LATENCY_US_MAX;
}

function longUs(latency: LatencyModel): number {
  return drawLatencyUs(latency, latency.kind === "exponential" ? 1 - SHARE_BELOW : SHARE_BELOW);
}

function tooLong(what: string, latency: LatencyModel): string {
  const seconds = (us: number) => `${(us / 1_000_000).toFixed(1)} s`;
  return (
    `network.enforce is kernel, and ${what} is above ${seconds(longUs(latency))} for one packet in a thousand, where ${seconds(LATENCY_US_MAX)} is the most: ` +
    "the kernel delays answers too, and a node waits five seconds for one; shorten it, or leave network.enforce out"
  );
}

import type { Micros } from "../../node/core/support/micros.ts";
import type { RunPlan } from "../plan.ts";
import { cutLinks, downNodes } from "../report/phase.ts";

/** What can be going on in a run; `partition` and `nodes-down` at once, all others alone. */
export const RUN_PHASES = ["starting", "warm-up", "steady", "partition", "nodes-down"] as const;

export type RunPhase = (typeof RUN_PHASES)[number];

export interface TimelineState {
  readonly phases: readonly RunPhase[];
  /** Directions that are cut. */
  readonly linksCut: number;
}

/** What the timeline has a run be in at this time after its start. A fault goes before warm-up, because it is what one must know. */
export function timelineState({ timeline, warmUpUs }: RunPlan, nowUs: Micros): TimelineState {
  const past = timeline.filter(({ atUs }) => atUs <= nowUs);
  const linksCut = cutLinks(past).size;
  const phases: RunPhase[] = [];
  if (linksCut > 0) phases.push("partition");
  if (downNodes(past).size > 0) phases.push("nodes-down");
  if (phases.length === 0) phases.push(nowUs < warmUpUs ? "warm-up" : "steady");
  return { phases, linksCut };
}

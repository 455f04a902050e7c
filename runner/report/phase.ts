import type { Micros } from "../../node/core/support/micros.ts";
import { durationText } from "../analysis/figure-text.ts";
import type { PlannedFault, RunPlan } from "../plan.ts";

/**
 * What the timeline is doing at this time, for the progress line: "partition: [[0-5], [6-9]], heals in 12 s",
 * "1 node down", "next in 5 s: heal: all". Null when nothing is wrong and nothing is to come.
 */
export function describePhase({ timeline, warmUpUs }: RunPlan, nowUs: Micros): string | null {
  const past = timeline.filter((each) => each.atUs <= nowUs);
  const next = timeline.find((each) => each.atUs > nowUs);
  const parts = [partitionPart(past, timeline, nowUs), downPart(past)].filter((part) => part !== null);
  if (parts.length > 0) return parts.join("; ");
  if (nowUs < warmUpUs) return "warm-up";
  return next === undefined ? null : `next in ${durationText(next.atUs - nowUs)}: ${next.description}`;
}

function partitionPart(past: readonly PlannedFault[], timeline: readonly PlannedFault[], nowUs: Micros) {
  if (cutLinks(past).size === 0) return null;
  const description = past.findLast(({ fault }) => fault.word === "partition")?.description ?? "";
  const heal = timeline.find((each) => each.atUs > nowUs && each.fault.word === "heal");
  return heal === undefined ? description : `${description}, heals in ${durationText(heal.atUs - nowUs)}`;
}

/** Directions (`source>target`) that these lines leave cut. */
export function cutLinks(past: readonly PlannedFault[]): ReadonlySet<string> {
  const cut = new Set<string>();
  for (const { fault } of past) {
    if (fault.word === "partition") {
      for (const [source, target] of fault.cut) cut.add(`${source}>${target}`);
    } else if (fault.word === "heal") {
      if (fault.links === null) cut.clear();
      else for (const [source, target] of fault.links) cut.delete(`${source}>${target}`);
    }
  }
  return cut;
}

function downPart(past: readonly PlannedFault[]) {
  const { size } = downNodes(past);
  return size === 0 ? null : `${size} ${size === 1 ? "node" : "nodes"} down`;
}

/** Nodes that these lines leave crashed or paused. */
export function downNodes(past: readonly PlannedFault[]): ReadonlySet<number> {
  const down = new Set<number>();
  for (const { fault } of past) {
    if (fault.word === "crash" || fault.word === "pause") for (const node of fault.nodes) down.add(node);
    if (fault.word === "restart" || fault.word === "resume")
      for (const node of fault.nodes) down.delete(node);
  }
  return down;
}

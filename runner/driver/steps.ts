import type { Micros } from "../../node/core/support/micros.ts";
import type { PlannedFault, PlannedTransaction, RunPlan } from "../plan.ts";

export type Step =
  | { readonly kind: "fault"; readonly atUs: Micros; readonly fault: PlannedFault }
  | { readonly kind: "transaction"; readonly atUs: Micros; readonly transaction: PlannedTransaction };

/**
 * Everything that a plan does before its duration is over, in the order of time; at one time faults come first, so that a transaction meets
 * the network as the timeline says it is by then. Lazy: a load may be 100,000 long.
 */
export function* mergeSteps(
  plan: Pick<RunPlan, "load" | "timeline" | "durationUs">,
): Generator<Step, void, undefined> {
  const { load, timeline, durationUs } = plan;
  let nextFault = 0;
  for (const transaction of load) {
    if (transaction.atUs >= durationUs) break;
    for (let fault = timeline[nextFault]; fault !== undefined; fault = timeline[nextFault]) {
      if (fault.atUs > transaction.atUs) break;
      yield { kind: "fault", atUs: fault.atUs, fault };
      nextFault += 1;
    }
    yield { kind: "transaction", atUs: transaction.atUs, transaction };
  }
  for (const fault of timeline.slice(nextFault)) {
    if (fault.atUs >= durationUs) return;
    yield { kind: "fault", atUs: fault.atUs, fault };
  }
}

import type { Micros } from "../../node/core/support/micros.ts";
import type { Fault, PlannedFault } from "../plan.ts";
import type { FaultApplied } from "../record/run-event.ts";
import { type AgreementPoint, agreedAfterUs } from "./agreement.ts";

/** How the network found together again after something was mended. */
export interface Recovery {
  readonly fault: FaultApplied;
  /** Directed links still cut after it. With any, the network need not agree, and nothing is expected of it. */
  readonly cutLinkCount: number;
  /** From the mending to the first instant at which all running nodes had one tip; null if there was none. */
  readonly agreedAfterUs: Micros | null;
  /** How long that could be watched: to the next fault of any kind, or to the end of the run. */
  readonly watchedUs: Micros;
}

const MENDING = new Set(["heal", "restart", "resume"]);

/**
 * One entry for each heal, restart and resume, in the order of the journal. The watch ends with the next line of the
 * timeline, since what happens after that is no longer this mending's doing; lines carried out at one instant count as
 * one, and the last of them is the one that is watched.
 */
export function measureRecoveries(
  faults: readonly FaultApplied[],
  timeline: readonly PlannedFault[],
  series: readonly AgreementPoint[],
  endUs: Micros,
): Recovery[] {
  const cuts = cutsAfter(faults, timeline);
  return faults.flatMap((fault, i): Recovery[] => {
    const untilUs = Math.max(fault.appliedAtUs, faults[i + 1]?.appliedAtUs ?? endUs);
    const isOvertaken = faults[i + 1] !== undefined && untilUs === fault.appliedAtUs;
    if (!MENDING.has(fault.word) || isOvertaken) return [];
    return [
      {
        fault,
        cutLinkCount: cuts[i] ?? 0,
        agreedAfterUs: agreedAfterUs(series, fault.appliedAtUs, untilUs),
        watchedUs: untilUs - fault.appliedAtUs,
      },
    ];
  });
}

/** Directed links that are cut after each fault. A fault that is not in the plan changes none. */
function cutsAfter(faults: readonly FaultApplied[], timeline: readonly PlannedFault[]): number[] {
  const cut = new Set<string>();
  const waiting = [...timeline];
  return faults.map((applied) => {
    // One line with a `for:` is two faults of the plan, told apart by their words.
    const place = waiting.findIndex(
      (each) => each.index === applied.fault && each.fault.word === applied.word,
    );
    const planned = place < 0 ? undefined : waiting.splice(place, 1)[0];
    if (planned !== undefined) follow(cut, planned.fault);
    return cut.size;
  });
}

function follow(cut: Set<string>, fault: Fault): void {
  if (fault.word === "partition") for (const [source, target] of fault.cut) cut.add(`${source}>${target}`);
  if (fault.word !== "heal") return;
  if (fault.links === null) cut.clear();
  else for (const [source, target] of fault.links) cut.delete(`${source}>${target}`);
}

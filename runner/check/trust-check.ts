import type { Analysis } from "../analysis/analyse.ts";
import type { RunPlan } from "../plan.ts";
import type { JudgeContext } from "./context.ts";
import type { Finding, TrustFinding } from "./verdict.ts";

type Judged = Pick<TrustFinding, "finding" | "evidence">;

/** One way in which a run can mislead. */
export interface TrustCheck {
  readonly check: string;
  readonly claim: string;
  readonly judge: (plan: RunPlan, analysis: Analysis, context: JudgeContext) => Judged;
}

export function held(isHeld: boolean, evidence: string): Judged {
  const finding: Finding = isHeld ? "true" : "false";
  return { finding, evidence };
}

/** The check does not apply to this run. */
export function notMeasured(reason: string): Judged {
  return { finding: "unknown", evidence: reason };
}

import type { Analysis } from "../analysis/analyse.ts";
import type { RunPlan } from "../plan.ts";
import type { JudgeContext } from "./context.ts";
import { judgeExpectations } from "./expectations.ts";
import { RECORD_CHECKS } from "./trust-record.ts";
import { TIMING_CHECKS } from "./trust-timing.ts";
import type { Verdict } from "./verdict.ts";

const EXIT_STATUS = { valid: 0, invalid: 1, unknown: 2 } as const;

/**
 * Whether the run did what the scenario expects, and whether it can be believed. A run that cannot be trusted is
 * `unknown` even if its figures are wrong: they may be wrong because of the machine.
 */
export function judge(plan: RunPlan, analysis: Analysis, context: JudgeContext): Verdict {
  const trust = [...RECORD_CHECKS, ...TIMING_CHECKS].map(({ check, claim, judge: look }) => ({
    check,
    claim,
    ...look(plan, analysis, context),
  }));
  const expectations = judgeExpectations(plan.expectations, analysis);
  const outcome = outcomeOf({ expectations, trust });
  return { outcome, exitStatus: EXIT_STATUS[outcome], expectations, trust };
}

function outcomeOf({ expectations, trust }: Pick<Verdict, "expectations" | "trust">): Verdict["outcome"] {
  if (trust.some((each) => each.finding === "false")) return "unknown";
  if (expectations.some((each) => each.finding === "false")) return "invalid";
  return expectations.every((each) => each.finding === "true") ? "valid" : "unknown";
}

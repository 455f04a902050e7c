import type { Analysis } from "../analysis/analyse.ts";
import type { Verdict } from "../check/verdict.ts";
import type { RunPlan } from "../plan.ts";
import type { RunEvent } from "./run-event.ts";

/** What the files of a results folder are written from. Nothing in it may depend on the machine or the moment, if the run was simulated. */
export interface FinishedRun {
  readonly plan: RunPlan;
  /** `sim`, `processes`, ... */
  readonly backend: string;
  /** In the order of a finished journal; walked more than once. */
  readonly events: Iterable<RunEvent>;
  readonly analysis: Analysis;
  readonly verdict: Verdict;
}

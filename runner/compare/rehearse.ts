import { analysePlan } from "../analyse-plan.ts";
import { parseScenario } from "../scenario/load.ts";
import { planRun } from "../scenario/plan-run.ts";
import type { ComparedRun } from "./read-compared.ts";
import { type RunSample, sampleOf } from "./run-sample.ts";

export interface RehearseOptions {
  /** Of seeds; 2 or more. */
  readonly count: number;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number) => void;
}

/**
 * The scenario of a run again, simulated with `count` seeds: what it does when nothing but chance differs. Seeds are "rehearsal 1" and on, so
 * that the same comparison gives the same answer. Rejects when the scenario can no longer be read, as one of another version's folder may be.
 */
export async function rehearse(run: ComparedRun, options: RehearseOptions): Promise<RunSample[]> {
  const samples: RunSample[] = [];
  // JSON is YAML too. The simulator draws its blocks, whatever the run did.
  const text = JSON.stringify(run.scenario);
  for (let number = 1; number <= options.count; number++) {
    if (options.signal.aborted) break;
    const overrides = ["chain.seal=drawn"];
    const plan = planRun(
      parseScenario(text, `${run.folder}/manifest.json`, { seed: `rehearsal ${number}`, overrides }),
    );
    const { analysis } = await analysePlan(plan, "sim", options.signal);
    samples.push(sampleOf(analysis, plan.warmUpUs));
    options.onProgress(number);
  }
  return samples;
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Analysis, analyse } from "./analysis/analyse.ts";
import type { BackendName } from "./backends/backend.ts";
import { openBackend } from "./backends/open-backend.ts";
import { judge } from "./check/judge.ts";
import type { TrustFinding } from "./check/verdict.ts";
import { runPlan } from "./driver/run.ts";
import type { RunPlan } from "./plan.ts";
import { Journal } from "./record/journal.ts";

export interface AnalysedRun {
  readonly analysis: Analysis;
  /** Reasons not to trust the run; empty is good. */
  readonly doubts: readonly TrustFinding[];
}

/** Runs a plan for its figures alone: nothing is printed or kept. Rejects when it cannot start. */
export async function analysePlan(
  plan: RunPlan,
  backendName: BackendName,
  signal: AbortSignal = new AbortController().signal,
): Promise<AnalysedRun> {
  const folder = await mkdtemp(join(tmpdir(), "forklab-run-"));
  try {
    const journal = new Journal();
    const emit = journal.append.bind(journal);
    const prepared = await openBackend(backendName).prepare({ plan, say: () => undefined, signal });
    if (!prepared.ok) throw new Error(prepared.reason);
    const backend = prepared.create({ plan, folder, emit });
    const outcome = await runPlan(plan, backend, journal, { signal, onProgress: () => undefined });
    if (outcome.end === "not-started") throw new Error(outcome.reason);
    const analysis = analyse(plan, journal.finish(), outcome.endUs);
    const isLive = backend.clock === "real";
    const interrupted = outcome.end === "interrupted";
    const { trust } = judge(plan, analysis, { isLive, interrupted, nodeEnds: outcome.nodeEnds });
    return { analysis, doubts: trust.filter((each) => each.finding === "false") };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

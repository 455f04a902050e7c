import { mkdtemp, rm } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { quantileSorted } from "simple-statistics";
import { analyse } from "../runner/analysis/analyse.ts";
import { addLags, lagMsQuantile } from "../runner/backends/lag-counts.ts";
import { ProcessesBackend } from "../runner/backends/processes/processes-backend.ts";
import { EVENT_LOOP_LAG_MS_MAX } from "../runner/check/thresholds.ts";
import { runPlan } from "../runner/driver/run.ts";
import { Journal } from "../runner/record/journal.ts";
import type { NodeSampled } from "../runner/record/run-event.ts";
import { loadScenario } from "../runner/scenario/load.ts";
import { planRun } from "../runner/scenario/plan-run.ts";

/** Figures of one run, by name; NaN where nothing was measured. */
export type NodeCosts = Readonly<Record<string, number>>;

/**
 * Runs a scenario on real nodes, for what the nodes cost.
 *
 * A lag is how late a node's event loop got to what fell due, every 20 ms from the first second of the run to its last. `..._node_median` and
 * `..._node_worst` are of the 99th percentiles of the single nodes over the whole run, `..._all_nodes` is the 99th percentile of all their lags together.
 * A sample is a node's second, and stands for the worst of its 50 lags.
 *
 * `nodes_cores` and `others_cores` are the processors that the nodes and everybody else but the runner took, while the run lasted: what others
 * take is lag that is not the nodes'.
 */
export async function nodeCosts(scenarioFile: string): Promise<NodeCosts> {
  const plan = planRun(await loadScenario(scenarioFile));
  const folder = await mkdtemp(join(tmpdir(), "forklab-bench-run-"));
  const journal = new Journal();
  const backend = new ProcessesBackend({ plan, folder, emit: (event) => journal.append(event) });
  let atStart: MachineUse | null = null;
  const startedMs = performance.now();
  try {
    const outcome = await runPlan(plan, backend, journal, {
      signal: new AbortController().signal,
      onProgress: ({ stage }) => {
        if (stage === "running") atStart ??= machineUse();
      },
    });
    const use = usedSince(atStart ?? machineUse());
    if (outcome.end !== "completed") throw new Error(`the run was ${outcome.end}`);
    const { samples, tree } = analyse(plan, journal.finish(), outcome.endUs);
    const nodesCores = coresOf(samples);
    const all = new Map<number, number>();
    const byNode = outcome.nodeEnds.flatMap(({ eventLoop }) => {
      addLags(all, eventLoop?.lagCounts ?? []);
      return (eventLoop && lagMsQuantile(eventLoop.lagCounts, 0.99)) ?? [];
    });
    const sampled = numbers(samples, "eventLoopLagMsP99");
    return {
      start_s: use.startedMs / 1_000 - startedMs / 1_000,
      event_loop_lag_ms_p99_node_median: quantile(byNode, 0.5),
      event_loop_lag_ms_p99_node_worst: quantile(byNode, 1),
      event_loop_lag_ms_p99_all_nodes: lagMsQuantile(all, 0.99) ?? Number.NaN,
      event_loop_lag_ms_p50_all_nodes: lagMsQuantile(all, 0.5) ?? Number.NaN,
      samples: sampled.length,
      [`samples_over_${EVENT_LOOP_LAG_MS_MAX}_ms_ratio`]:
        sampled.filter((lag) => lag > EVENT_LOOP_LAG_MS_MAX).length / sampled.length,
      blocks: tree.blocks.length,
      nodes_cores: nodesCores,
      others_cores: use.machineCores - use.runnerCores - nodesCores,
      load_average: loadavg()[0] ?? Number.NaN,
      resident_mb_median: quantile(numbers(samples, "residentBytes"), 0.5) / 1e6,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface MachineUse {
  readonly atMs: number;
  readonly busyMs: number;
  readonly runner: NodeJS.CpuUsage;
}

function machineUse(): MachineUse {
  const busyMs = cpus().reduce(
    (sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq,
    0,
  );
  return { atMs: performance.now(), busyMs, runner: process.cpuUsage() };
}

/** In cores: processor time over time. */
function usedSince(start: MachineUse) {
  const now = machineUse();
  const tookMs = now.atMs - start.atMs;
  const { user, system } = process.cpuUsage(start.runner);
  return {
    startedMs: start.atMs,
    machineCores: (now.busyMs - start.busyMs) / tookMs,
    runnerCores: (user + system) / 1_000 / tookMs,
  };
}

/** Processors that the sampled nodes took together, mean over their samples. */
function coresOf(samples: readonly NodeSampled[]): number {
  const nodeCount = new Set(samples.map(({ node }) => node)).size;
  const ratios = numbers(samples, "cpuRatio");
  return (nodeCount * ratios.reduce((sum, ratio) => sum + ratio, 0)) / ratios.length;
}

/** Sorted. */
function numbers(
  samples: readonly NodeSampled[],
  field: "eventLoopLagMsP99" | "cpuRatio" | "residentBytes",
): number[] {
  return samples.flatMap((sample) => sample[field] ?? []).sort((a, b) => a - b);
}

function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) return Number.NaN;
  return quantileSorted(
    values.toSorted((a, b) => a - b),
    share,
  );
}

import { availableParallelism, cpus } from "node:os";
import { parseArgs } from "node:util";
import { invariant } from "../node/core/support/invariant.ts";
import { type AnalysedRun, analysePlan } from "../runner/analyse-plan.ts";
import type { Figure } from "../runner/analysis/figure.ts";
import { figureText } from "../runner/analysis/figure-text.ts";
import { FIGURES } from "../runner/analysis/figures.ts";
import type { BackendName } from "../runner/backends/backend.ts";
import { loadScenario } from "../runner/scenario/load.ts";
import { planRun } from "../runner/scenario/plan-run.ts";
import { deviationOf, meanOf, RUN_COUNT_MIN, runInterval } from "./run-interval.ts";

/**
 * How near the simulator comes to real nodes: runs one scenario with many seeds simulated and with some on real processes, and says for each
 * figure whether the real runs lie where 95 % of simulated runs do. Wants a machine that does nothing else.
 * Usage: npm run fidelity -- [--scenario FILE] [--seeds 39] [--live 5] [--set key=value]...
 */
const { values } = parseArgs({
  options: {
    scenario: { type: "string", default: "scenarios/baseline.yaml" },
    seeds: { type: "string", default: String(RUN_COUNT_MIN) },
    live: { type: "string", default: "5" },
    set: { type: "string", multiple: true, default: [] },
  },
});

const COLUMNS = [
  "fork_ratio",
  "stale_ratio",
  "block_interval_ms_mean",
  "propagation_ms_p50",
  "propagation_ms_p90",
  "confirmation_ms_p50",
];

interface Ran extends AnalysedRun {
  readonly seed: string;
}

async function run(backendName: BackendName, seed: string): Promise<Ran> {
  const plan = planRun(await loadScenario(values.scenario, { seed, overrides: values.set }));
  return { seed, ...(await analysePlan(plan, backendName)) };
}

async function runAll(backendName: BackendName, count: number): Promise<Ran[]> {
  const runs: Ran[] = [];
  for (let seed = 1; seed <= count; seed++) {
    const ran = await run(backendName, String(seed));
    for (const { check, evidence } of ran.doubts)
      console.log(
        `${backendName}, seed ${seed} is left out, since it cannot be trusted: ${check}: ${evidence}`,
      );
    if (ran.doubts.length === 0) runs.push(ran);
  }
  return runs;
}

function valuesOf(figure: Figure, runs: readonly Ran[]): number[] {
  return runs.flatMap(({ analysis }) => figure.value(analysis) ?? []);
}

/** One row of the table. A figure that too few runs measured has no interval, and says so. */
function row(figure: Figure, simulated: readonly Ran[], live: readonly Ran[]): string[] {
  const text = (value: number) => figureText(figure, value);
  const interval = runInterval(valuesOf(figure, simulated));
  if (interval === null)
    return [figure.column, `fewer than ${RUN_COUNT_MIN} runs measured it`, "", "", "", ""];
  const { mean, low, high, deviation } = interval;
  const found = valuesOf(figure, live);
  const inside = found.filter((value) => value >= low && value <= high).length;
  const gap = meanOf(found) - mean;
  const error = Math.sqrt(deviationOf(found) ** 2 / found.length + deviation ** 2 / simulated.length);
  return [
    figure.column,
    text(mean),
    `${text(low)} to ${text(high)}`,
    found.map(text).join(", "),
    found.length === 0 ? "" : `${inside} of ${found.length} inside`,
    found.length < 2 ? "" : `${gap < 0 ? "−" : "+"}${text(Math.abs(gap))} ± ${text(error)}`,
  ];
}

const simulated = await runAll("sim", Number(values.seeds));
const live = await runAll("processes", Number(values.live));
const command = ["npm run fidelity --", ...process.argv.slice(2)].join(" ");
console.log(
  `${command}: ${cpus()[0]?.model.trim()}, ${availableParallelism()} cores, Node ${process.version}`,
);
console.log(`${simulated.length} simulated runs, ${live.length} on processes that can be trusted\n`);
const head = [
  "figure",
  "simulated, mean",
  "95 % of single runs",
  "each live run",
  "",
  "gap of the means, standard error",
];
const rows = COLUMNS.map((column) => {
  const figure = FIGURES.find((each) => each.column === column);
  invariant(figure !== undefined, `no figure ${column}`);
  return row(figure, simulated, live);
});
for (const cells of [head, head.map(() => "---"), ...rows]) console.log(`| ${cells.join(" | ")} |`);

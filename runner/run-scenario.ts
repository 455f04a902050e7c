import { join } from "node:path";
import { analyse } from "./analysis/analyse.ts";
import { durationText } from "./analysis/figure-text.ts";
import { openBackend } from "./backends/open-backend.ts";
import { judge } from "./check/judge.ts";
import { type CommandOptions, repeatCommand } from "./command-line.ts";
import { ForkCounter } from "./driver/fork-counter.ts";
import { type DriveOutcome, refuseUnsupported, runPlan } from "./driver/run.ts";
import { EXIT_BAD_SCENARIO, EXIT_BY_SIGNAL, EXIT_FAILED } from "./exit-status.ts";
import { Interruption } from "./interruption.ts";
import type { RunPlan } from "./plan.ts";
import { EventLogFile, PARTIAL_EVENTS_FILE } from "./record/event-log.ts";
import type { FinishedRun } from "./record/finished-run.ts";
import { Journal } from "./record/journal.ts";
import { createRunFolder, switchLatest } from "./record/results-folder.ts";
import { writeResults } from "./record/write-results.ts";
import { describePhase } from "./report/phase.ts";
import { createProgress } from "./report/progress.ts";
import { renderSummary } from "./report/summary-table.ts";
import { loadScenario } from "./scenario/load.ts";
import { planRun } from "./scenario/plan-run.ts";
import { ScenarioError } from "./scenario/problem.ts";
import type { Scenario } from "./scenario/scenario.ts";

type Ran = Exclude<DriveOutcome, { end: "not-started" }>;

/** One run under way: what its parts share. */
interface RunContext {
  readonly options: CommandOptions;
  readonly scenario: Scenario;
  readonly plan: RunPlan;
  readonly folder: string;
  readonly startedAt: Date;
  readonly interruption: Interruption;
}

/** From the scenario file to the folder of results. Gives the exit status; says everything else on stdout and stderr. */
export async function runScenario(options: CommandOptions): Promise<number> {
  let scenario: Scenario;
  let plan: RunPlan;
  try {
    const seed = options.seed === null ? {} : { seed: options.seed };
    scenario = await loadScenario(options.file, { overrides: options.overrides, ...seed });
    plan = planRun(scenario);
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    return refuse(error.message);
  }
  const { backend: name } = options;
  const choice = openBackend(name);
  const refusal = refuseUnsupported(plan, { name, faultWords: choice.faultWords }) ?? choice.refuse(plan);
  if (refusal !== null) return refuse(`${options.file}: ${refusal}`);
  const interruption = new Interruption(complain);
  const startedAt = new Date();
  let folder: string;
  try {
    folder = await createRunFolder(options.out, plan.name, plan.seed, startedAt);
  } catch (error) {
    complain(`No folder for the results could be made in ${options.out}: ${String(error)}`);
    return EXIT_FAILED;
  }
  return await runIn({ options, scenario, plan, folder, startedAt, interruption });
}

async function runIn(context: RunContext): Promise<number> {
  const { plan, folder, options, interruption } = context;
  if (!options.quiet) say(firstLine(context));
  // A simulated run can be run again; what a live one recorded is on disk with each event.
  const log = options.backend === "sim" ? null : new EventLogFile(join(folder, PARTIAL_EVENTS_FILE));
  const journal = new Journal(log === null ? {} : { sink: log.append });
  const outcome = await drive(context, journal);
  log?.close();
  if (outcome.end === "not-started") {
    if (interruption.by !== null) return EXIT_BY_SIGNAL[interruption.by];
    complain(`The run could not start: ${outcome.reason}\nWhat there is of it: ${folder}`);
    return EXIT_FAILED;
  }
  const { run, eventLogSha256 } = await finish(context, journal, outcome);
  for (const { node, failure } of outcome.nodeEnds)
    if (failure !== null) complain(`${plan.nodes[node]?.name ?? node}: ${failure}`);
  if (outcome.shedCount > 0)
    complain(`${outcome.shedCount} transactions were due and could not be handed to their node in time.`);
  if (options.quiet) say(`${run.verdict.outcome} ${folder}`);
  else say(renderSummary(run, { folder, eventLogSha256 }, terminal()));
  return interruption.by === null ? run.verdict.exitStatus : EXIT_BY_SIGNAL[interruption.by];
}

async function drive({ plan, folder, options, interruption }: RunContext, journal: Journal) {
  const forks = new ForkCounter();
  const backend = openBackend(options.backend).create({
    plan,
    folder,
    emit: (event) => {
      forks.hear(event);
      journal.append(event);
    },
  });
  const progress = options.quiet ? null : createProgress(process.stderr);
  try {
    return await runPlan(plan, backend, journal, {
      signal: interruption.signal,
      onProgress: ({ stage, nowUs, durationUs, network }) =>
        progress?.update({
          clock: backend.clock,
          nowUs,
          durationUs,
          height: network.heightMax,
          forkCount: stage === "running" ? forks.count : null,
          mempoolCount: network.mempoolCountMax,
          phase:
            stage === "running"
              ? describePhase(plan, nowUs)
              : `starting: ${network.nodesUp} of ${plan.nodes.length} nodes up`,
        }),
    });
  } finally {
    progress?.finish();
  }
}

/** Computes, judges and writes what was recorded, whether the run came to its end or not. */
async function finish(context: RunContext, journal: Journal, outcome: Ran): Promise<Finished> {
  const { plan, options, scenario, startedAt, folder } = context;
  const events = journal.finish();
  const analysis = analyse(plan, events, outcome.endUs);
  const interrupted = outcome.end === "interrupted";
  const isLive = options.backend !== "sim";
  const verdict = judge(plan, analysis, { isLive, interrupted, nodeEnds: outcome.nodeEnds });
  const run: FinishedRun = { plan, backend: options.backend, events, analysis, verdict };
  const { eventLogSha256 } = await writeResults(folder, run, {
    scenario: scenario.document,
    backend: options.backend,
    command: repeatCommand(options, plan.seed),
    modelVersion: openBackend(options.backend).modelVersion,
    startedAt,
    finishedAt: new Date(),
    interrupted,
  });
  await switchLatest(folder);
  return { run, eventLogSha256 };
}

interface Finished {
  readonly run: FinishedRun;
  readonly eventLogSha256: string;
}

function firstLine({ plan, options, folder }: RunContext): string {
  const { length } = plan.nodes;
  const nodes = `${length} ${length === 1 ? "node" : "nodes"}`;
  const where = options.backend === "sim" ? "simulated" : "as processes on this machine";
  return `${plan.name}: ${nodes} for ${durationText(plan.durationUs)}, ${where}, seed ${plan.seed}. Results go to ${folder}`;
}

function refuse(text: string): number {
  complain(text);
  return EXIT_BAD_SCENARIO;
}

function terminal(): { columns?: number; color: boolean } {
  const { isTTY, columns } = process.stdout;
  return { color: isTTY === true, ...(columns === undefined ? {} : { columns }) };
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function complain(text: string): void {
  process.stderr.write(`${text}\n`);
}

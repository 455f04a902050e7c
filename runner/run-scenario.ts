import { join } from "node:path";
import { analyse } from "./analysis/analyse.ts";
import { durationText } from "./analysis/figure-text.ts";
import { openBackend, type PreparedBackend } from "./backends/open-backend.ts";
import { judge } from "./check/judge.ts";
import { type CommandOptions, repeatCommand } from "./command-line.ts";
import { ForkCounter } from "./driver/fork-counter.ts";
import { type DriveOutcome, type DriveProgress, refuseUnsupported, runPlan } from "./driver/run.ts";
import { EXIT_BAD_SCENARIO, EXIT_BY_SIGNAL, EXIT_FAILED } from "./exit-status.ts";
import { Interruption } from "./interruption.ts";
import { observeRun } from "./observe/observe-run.ts";
import type { RunPlan } from "./plan.ts";
import { EventLogFile, PARTIAL_EVENTS_FILE } from "./record/event-log.ts";
import type { FinishedRun } from "./record/finished-run.ts";
import { Journal } from "./record/journal.ts";
import { createRunFolder, switchLatest } from "./record/results-folder.ts";
import type { RunEvent } from "./record/run-event.ts";
import { writeResults } from "./record/write-results.ts";
import { describePhase } from "./report/phase.ts";
import { createProgress, type RunProgress } from "./report/progress.ts";
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
  readonly prepared: PreparedBackend & { readonly ok: true };
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
  if (options.observe !== null && name === "sim")
    return refuse("--observe shows live runs; a simulated one is over before anyone has looked");
  const choice = openBackend(name);
  const refusal = refuseUnsupported(plan, { name, faultWords: choice.faultWords }) ?? choice.refuse(plan);
  if (refusal !== null) return refuse(`${options.file}: ${refusal}`);
  const interruption = new Interruption(complain);
  const startedAt = new Date();
  const prepared = await choice.prepare({
    plan,
    say: options.quiet ? () => undefined : complain,
    signal: interruption.signal,
  });
  if (interruption.by !== null) return EXIT_BY_SIGNAL[interruption.by];
  if (!prepared.ok) {
    complain(`--on ${name} cannot be used: ${prepared.reason}`);
    return EXIT_FAILED;
  }
  let folder: string;
  try {
    folder = await createRunFolder(options.out, plan.name, plan.seed, startedAt);
  } catch (error) {
    complain(`No folder for the results could be made in ${options.out}: ${String(error)}`);
    return EXIT_FAILED;
  }
  return await runIn({ options, scenario, plan, folder, startedAt, interruption, prepared });
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

async function drive(context: RunContext, journal: Journal): Promise<DriveOutcome> {
  const { plan, folder, options } = context;
  const heard: ((event: RunEvent) => void)[] = [(event) => journal.append(event)];
  const append = (event: RunEvent) => {
    for (const hear of heard) hear(event);
  };
  const backend = context.prepared.create({ plan, folder, emit: append });
  const { signal } = context.interruption;
  const observed = options.observe === null ? null : await observeRun(options.observe, plan, backend, signal);
  if (observed?.ok === false) {
    await backend.stop();
    return { end: "not-started", reason: observed.reason };
  }
  const observer = observed?.observer ?? null;
  if (observer !== null) {
    heard.push(observer.hear);
    if (!options.quiet) say(observer.text);
  }
  const forks = new ForkCounter();
  heard.push((event) => forks.hear(event));
  const progress = options.quiet ? null : createProgress(process.stderr);
  try {
    return await runPlan(
      plan,
      backend,
      { append },
      {
        signal,
        onProgress: (state) => {
          observer?.progress(state);
          progress?.update(progressOf(plan, backend.clock, state, forks.count));
        },
      },
    );
  } finally {
    progress?.finish();
    await observer?.close();
  }
}

function progressOf(
  plan: RunPlan,
  clock: RunProgress["clock"],
  { stage, nowUs, durationUs, network }: DriveProgress,
  forkCount: number,
): RunProgress {
  const isRunning = stage === "running";
  const { heightMax: height, mempoolCountMax: mempoolCount, nodesUp } = network;
  return {
    ...{ clock, nowUs, durationUs, height, mempoolCount },
    forkCount: isRunning ? forkCount : null,
    phase: isRunning ? describePhase(plan, nowUs) : `starting: ${nodesUp} of ${plan.nodes.length} nodes up`,
  };
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
    engine: context.prepared.engine === null ? null : { ...context.prepared.engine },
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
  const { where } = openBackend(options.backend);
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

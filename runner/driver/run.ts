import type { Micros } from "../../node/core/support/micros.ts";
import type { Backend, NetworkSnapshot, NodeEnd } from "../backends/backend.ts";
import { LoadRunner } from "../load/load-runner.ts";
import type { PlannedFault, RunPlan } from "../plan.ts";
import type { Journal } from "../record/journal.ts";
import type { RunEvent } from "../record/run-event.ts";
import { Pace } from "./pace.ts";
import { mergeSteps } from "./steps.ts";

export interface DriveOptions {
  /** Ends the run before its time; what was recorded stays. */
  readonly signal: AbortSignal;
  /** A few times a second, while the run lasts. */
  readonly onProgress: (progress: DriveProgress) => void;
}

export interface DriveProgress {
  readonly stage: "starting" | "running";
  readonly nowUs: Micros;
  readonly durationUs: Micros;
  readonly network: NetworkSnapshot;
  readonly submittedCount: number;
  /** Faults carried out so far, probed or not. */
  readonly faultCount: number;
}

export type DriveOutcome =
  /** Nothing ran; `reason` says why, in words for the user. */
  | { readonly end: "not-started"; readonly reason: string }
  | {
      readonly end: "completed" | "interrupted";
      /** How far the run got: its planned duration unless it was interrupted. */
      readonly endUs: Micros;
      readonly nodeEnds: readonly NodeEnd[];
      /** Transactions that were due and never handed over. */
      readonly shedCount: number;
    };

/**
 * Takes a plan through a backend: faults and transactions at their times, until the duration is over or `signal` ends it. What the backend
 * emits goes to the journal by itself; what the driver does is added here. The backend is stopped in the end, however the run
 * ends. At one time faults come before transactions.
 */
export async function runPlan(
  plan: RunPlan,
  backend: Backend,
  journal: Pick<Journal, "append">,
  options: DriveOptions,
): Promise<DriveOutcome> {
  const refusal = refuseUnsupported(plan, backend);
  if (refusal !== null) return { end: "not-started", reason: refusal };
  try {
    const started = await startTelling(plan, backend, options);
    if (!started.ok) return { end: "not-started", reason: started.reason };
    const run = new Run(plan, backend, journal, options, started.genesisHash);
    await run.toEnd();
    const endUs = Math.min(backend.nowUs(), plan.durationUs);
    const nodeEnds = await backend.stop();
    await run.faultsSettled();
    const end = endUs < plan.durationUs ? "interrupted" : "completed";
    return { end, endUs, nodeEnds, shedCount: run.shedCount };
  } finally {
    await backend.stop();
  }
}

/** Why this backend cannot run the plan, or null: said before anything is started. */
export function refuseUnsupported(
  plan: RunPlan,
  backend: Pick<Backend, "name" | "faultWords">,
): string | null {
  const missing = plan.timeline.find(({ fault }) => !backend.faultWords.has(fault.word));
  if (missing === undefined) return null;
  const known = [...backend.faultWords].join(", ");
  return `the backend ${backend.name} cannot do what line ${missing.index + 1} of the timeline asks (${missing.description}); it can do: ${known}`;
}

/** While real nodes come up, which takes seconds, the progress tells how many have. */
async function startTelling(
  plan: RunPlan,
  backend: Backend,
  options: DriveOptions,
): ReturnType<Backend["start"]> {
  const { durationUs } = plan;
  const tell = () => {
    const network = backend.snapshot();
    options.onProgress({
      stage: "starting",
      nowUs: 0,
      durationUs,
      network,
      submittedCount: 0,
      faultCount: 0,
    });
  };
  const timer = setInterval(tell, START_REPORT_INTERVAL_MS);
  try {
    return await backend.start(options.signal);
  } finally {
    clearInterval(timer);
  }
}

const START_REPORT_INTERVAL_MS = 250;

/** One run under way. */
class Run {
  readonly #plan: RunPlan;
  readonly #backend: Backend;
  readonly #emit: (event: RunEvent) => void;
  readonly #options: DriveOptions;
  readonly #load: LoadRunner;
  readonly #faults: Promise<void>[] = [];
  #submittedCount = 0;

  constructor(
    plan: RunPlan,
    backend: Backend,
    journal: Pick<Journal, "append">,
    options: DriveOptions,
    genesisHash: string,
  ) {
    this.#plan = plan;
    this.#backend = backend;
    this.#options = options;
    this.#emit = (event) => {
      if (event.type === "transaction-submitted") this.#submittedCount += 1;
      journal.append(event);
    };
    this.#load = new LoadRunner(plan, backend, { genesisHash, keys: backend.keys }, this.#emit);
  }

  get shedCount(): number {
    return this.#load.shedCount;
  }

  /** Resolves at the end of the run, or as soon as it is aborted. */
  async toEnd(): Promise<void> {
    const { signal } = this.#options;
    const pace = new Pace(this.#backend, this.#plan.durationUs, () => this.#report());
    try {
      for (const step of mergeSteps(this.#plan)) {
        await pace.runUntil(step.atUs, signal);
        if (step.kind === "transaction") this.#load.due(step.transaction);
        else await this.#carryOut(step.fault);
      }
      await pace.runUntil(this.#plan.durationUs, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.#report();
    }
  }

  /** Probes that were still under way when the run ended. */
  async faultsSettled(): Promise<void> {
    await Promise.all(this.#faults);
  }

  /** With a real clock the run goes on while the fault is carried out and looked at. */
  async #carryOut(planned: PlannedFault): Promise<void> {
    const done = this.#applied(planned);
    this.#faults.push(done);
    if (this.#backend.clock === "virtual") await done;
  }

  async #applied({ fault, index, atUs, description }: PlannedFault): Promise<void> {
    const { applied, appliedAtUs, probed, evidence } = await this.#backend.apply(fault);
    this.#emit({
      type: "fault-applied",
      atUs: appliedAtUs,
      fault: index,
      word: fault.word,
      description,
      plannedAtUs: atUs,
      appliedAtUs,
      probed: applied ? probed : false,
      evidence: applied ? evidence : `not carried out: ${evidence}`,
    });
    if (fault.word === "restart") for (const node of fault.nodes) this.#load.nodeForgot(node);
  }

  #report(): void {
    this.#options.onProgress({
      stage: "running",
      nowUs: Math.min(this.#backend.nowUs(), this.#plan.durationUs),
      durationUs: this.#plan.durationUs,
      network: this.#backend.snapshot(),
      submittedCount: this.#submittedCount,
      faultCount: this.#faults.length,
    });
  }
}

import { depthLabel } from "../../node/adapters/metrics/depth-label.ts";
import { type Sample, TableRegistry } from "../../node/adapters/metrics/table-registry.ts";
import { MICROS_PER_MS, MICROS_PER_SEC, type Micros } from "../../node/core/support/micros.ts";
import type { BackendName } from "../backends/backend.ts";
import { ForkCounter } from "../driver/fork-counter.ts";
import type { DriveProgress } from "../driver/run.ts";
import type { RunPlan } from "../plan.ts";
import type { FaultApplied, NodeSampled, RunEvent } from "../record/run-event.ts";
import { MARKED_FAULTS_MAX, RUN_METRICS } from "./run-metric-table.ts";
import { RUN_PHASES, type RunPhase, timelineState } from "./run-phase.ts";

/** One live run as Prometheus sees it: it hears the events of the journal and the progress of the driver. */
export class RunMetrics {
  readonly #registry = new TableRegistry(RUN_METRICS);
  readonly #plan: RunPlan;
  readonly #forks = new ForkCounter();
  readonly #samples = new Map<number, NodeSampled>();
  readonly #nowUs: () => Micros;
  readonly #wallMs: () => number;
  #height = 0;
  #dueCount = 0;
  #markedCount = 0;

  /** `nowUs` is the time of the run, `wallMs` that of the world, since 1970. */
  constructor(
    plan: RunPlan,
    backend: BackendName,
    nowUs: () => Micros,
    wallMs: () => number = () => Date.now(),
  ) {
    this.#plan = plan;
    this.#nowUs = nowUs;
    this.#wallMs = wallMs;
    this.#registry.startAtZero();
    this.#registry.set("forklab_run_info", 1, { scenario: plan.name, seed: plan.seed, backend });
    this.#registry.set("forklab_run_duration_seconds", plan.durationUs / MICROS_PER_SEC);
    this.#registry.set("forklab_run_nodes", plan.nodes.length, { state: "planned" });
    this.#registry.set("forklab_run_nodes", 0, { state: "up" });
    this.#registry.set("forklab_run_height_blocks", 0);
    this.#registry.set("forklab_run_links_cut", 0);
    this.#registry.set("forklab_run_elapsed_seconds", 0);
    this.#setPhases(["starting"]);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.text();
  }

  samples(): Promise<Sample[]> {
    return this.#registry.samples();
  }

  hear(event: RunEvent): void {
    switch (event.type) {
      case "block-mined": {
        const before = this.#forks.count;
        this.#forks.hear(event);
        this.#height = Math.max(this.#height, event.height);
        this.#registry.set("forklab_run_height_blocks", this.#height);
        this.#registry.add("forklab_run_blocks_mined_total", 1);
        this.#registry.add("forklab_run_forks_total", this.#forks.count - before);
        return;
      }
      case "tip-changed":
        if (event.disconnected > 0)
          this.#registry.add("forklab_run_reorganisations_total", 1, {
            depth: depthLabel(event.disconnected),
          });
        return;
      case "transaction-submitted":
        this.#registry.add("forklab_run_transactions_total", 1, { stage: "submitted" });
        return;
      case "transaction-settled":
        this.#registry.add("forklab_run_transactions_total", 1, { stage: event.outcome });
        return;
      case "node-sampled":
        this.#samples.set(event.node, event);
        this.#sampled();
        return;
      case "fault-applied":
        this.#applied(event);
        return;
    }
  }

  progress({ stage, nowUs, network }: Pick<DriveProgress, "stage" | "nowUs" | "network">): void {
    this.#registry.set("forklab_run_nodes", network.nodesUp, { state: "up" });
    if (stage === "starting") return;
    const { phases, linksCut } = timelineState(this.#plan, nowUs);
    this.#setPhases(phases);
    this.#registry.set("forklab_run_links_cut", linksCut);
    this.#registry.set("forklab_run_elapsed_seconds", nowUs / MICROS_PER_SEC);
    this.#registry.set("forklab_run_tips", network.tipCount);
    const { load } = this.#plan;
    const before = this.#dueCount;
    while ((load[this.#dueCount]?.atUs ?? Number.POSITIVE_INFINITY) <= nowUs) this.#dueCount += 1;
    this.#registry.add("forklab_run_transactions_total", this.#dueCount - before, { stage: "due" });
  }

  #applied({ word, description, appliedAtUs, probed }: FaultApplied): void {
    this.#registry.add("forklab_run_faults_total", 1, { word });
    if (probed === false) this.#registry.add("forklab_run_faults_unconfirmed_total", 1, { word });
    if (this.#markedCount === MARKED_FAULTS_MAX) return;
    this.#markedCount += 1;
    // It is told when the probe is done, which may be seconds after the fault.
    const atMs = this.#wallMs() - (this.#nowUs() - appliedAtUs) / MICROS_PER_MS;
    const mark = String(this.#markedCount);
    this.#registry.set("forklab_run_fault_time_seconds", atMs / 1_000, { mark, word, description });
  }

  #sampled(): void {
    let asked = 0;
    let achieved = 0;
    let lagMs = 0;
    for (const sample of this.#samples.values()) {
      asked += sample.hashesPerSecAsked ?? 0;
      achieved += sample.hashesPerSecAchieved ?? 0;
      lagMs = Math.max(lagMs, sample.eventLoopLagMsP99 ?? 0);
    }
    this.#registry.set("forklab_run_hash_rate_hashes_per_second", asked, { kind: "asked" });
    this.#registry.set("forklab_run_hash_rate_hashes_per_second", achieved, { kind: "achieved" });
    this.#registry.set("forklab_run_event_loop_lag_seconds", lagMs / 1_000);
  }

  #setPhases(phases: readonly RunPhase[]): void {
    for (const phase of RUN_PHASES)
      this.#registry.set("forklab_run_phase", phases.includes(phase) ? 1 : 0, { phase });
  }
}

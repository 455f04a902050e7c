import { EVERY_FAULT_WORD } from "../faults/fault-words.ts";
import type { RunPlan } from "../plan.ts";
import type { Backend, BackendContext, BackendName } from "./backend.ts";
import { refuseByKernel } from "./docker/kernel/kernel-limits.ts";
import { ProcessesBackend } from "./processes/processes-backend.ts";
import { MODEL_VERSION } from "./sim/model-version.ts";
import { createSimBackend } from "./sim/sim-backend.ts";

/** What is known of a backend before anything of it is made. */
export interface BackendChoice {
  /** Where its nodes run, for people. */
  readonly where: string;
  readonly faultWords: Backend["faultWords"];
  /** What of a plan besides its faults it cannot do, in words; null when there is nothing. */
  readonly refuse: (plan: RunPlan) => string | null;
  /** Of the simulator, for the manifest; null for real nodes. */
  readonly modelVersion: number | null;
  /** Looks for what it needs on this machine and makes what all its runs share, before there is anything of a run. */
  readonly prepare: (preparation: Preparation) => Promise<PreparedBackend>;
}

export interface Preparation {
  /** What is to run, which says what of the machine it needs. */
  readonly plan: RunPlan;
  /** Progress that takes a while, one line at a time. */
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

export type PreparedBackend =
  | {
      readonly ok: true;
      readonly create: (context: BackendContext) => Backend;
      /** What the nodes run on besides this machine, for the manifest. */
      readonly engine: EngineFacts | null;
    }
  /** `reason` says what to do about it. */
  | { readonly ok: false; readonly reason: string };

/** Versions are the engine's own words. */
export interface EngineFacts {
  readonly version: string;
  readonly apiVersion: string;
  readonly kernel: string;
  /** The image of the nodes: its hash, and the tag that names its content. */
  readonly imageId: string;
  readonly imageTag: string;
}

const CHOICES: Readonly<Record<BackendName, BackendChoice>> = {
  processes: {
    where: "as processes on this machine",
    faultWords: EVERY_FAULT_WORD,
    refuse: (plan) =>
      refuseKernel(plan, "processes share the kernel's one network with all else on this machine"),
    modelVersion: null,
    prepare: async () => ({ ok: true, create: (context) => new ProcessesBackend(context), engine: null }),
  },
  docker: {
    where: "in containers on this machine",
    faultWords: EVERY_FAULT_WORD,
    refuse: (plan) => (plan.enforce === "kernel" ? refuseByKernel(plan) : null),
    modelVersion: null,
    // Loaded when asked for: the packages behind it take longer to load than a small simulation takes.
    prepare: async (preparation) => (await import("./docker/prepare-docker.ts")).prepareDocker(preparation),
  },
  sim: {
    where: "simulated",
    faultWords: EVERY_FAULT_WORD,
    refuse: (plan) =>
      plan.chain.seal === "hash"
        ? "chain.seal is hash, but the simulator draws its blocks: leave seal out, or use drawn"
        : refuseKernel(plan, "the simulator has none: it computes what links do"),
    modelVersion: MODEL_VERSION,
    prepare: async () => ({ ok: true, create: createSimBackend, engine: null }),
  },
};

export function openBackend(name: BackendName): BackendChoice {
  return CHOICES[name];
}

/** Of a backend that has no kernel of its own below its nodes. */
function refuseKernel({ enforce }: RunPlan, why: string): string | null {
  return enforce === "kernel"
    ? `network.enforce is kernel, but ${why}: leave it at node, or run with --on docker, where each node has a network of its own`
    : null;
}

import { EVERY_FAULT_WORD } from "../faults/fault-words.ts";
import type { RunPlan } from "../plan.ts";
import type { Backend, BackendContext, BackendName } from "./backend.ts";
import { ProcessesBackend } from "./processes/processes-backend.ts";
import { MODEL_VERSION } from "./sim/model-version.ts";
import { createSimBackend } from "./sim/sim-backend.ts";

/** What is known of a backend before anything of it is made. */
export interface BackendChoice {
  readonly faultWords: Backend["faultWords"];
  /** What of a plan besides its faults it cannot do, in words; null when there is nothing. */
  readonly refuse: (plan: RunPlan) => string | null;
  /** Of the simulator, for the manifest; null for real nodes. */
  readonly modelVersion: number | null;
  readonly create: (context: BackendContext) => Backend;
}

const CHOICES: Readonly<Record<BackendName, BackendChoice>> = {
  processes: {
    faultWords: EVERY_FAULT_WORD,
    refuse: () => null,
    modelVersion: null,
    create: (context) => new ProcessesBackend(context),
  },
  sim: {
    faultWords: EVERY_FAULT_WORD,
    refuse: ({ chain }) =>
      chain.seal === "hash"
        ? "chain.seal is hash, but the simulator draws its blocks: leave seal out, or use drawn"
        : null,
    modelVersion: MODEL_VERSION,
    create: createSimBackend,
  },
};

export function openBackend(name: BackendName): BackendChoice {
  return CHOICES[name];
}

import { LIVE_FAULT_WORDS } from "../faults/live-faults.ts";
import type { Backend, BackendContext, BackendName } from "./backend.ts";
import { ProcessesBackend } from "./processes/processes-backend.ts";
import { createSimBackend, SIM_FAULT_WORDS } from "./sim/sim-backend.ts";

/** What is known of a backend before anything of it is made. */
export interface BackendChoice {
  readonly faultWords: Backend["faultWords"];
  /** Of the simulator, for the manifest; null for real nodes. */
  readonly modelVersion: number | null;
  readonly create: (context: BackendContext) => Backend;
}

const CHOICES: Readonly<Record<BackendName, BackendChoice>> = {
  processes: {
    faultWords: LIVE_FAULT_WORDS,
    modelVersion: null,
    create: (context) => new ProcessesBackend(context),
  },
  sim: { faultWords: SIM_FAULT_WORDS, modelVersion: 1, create: createSimBackend },
};

export function openBackend(name: BackendName): BackendChoice {
  return CHOICES[name];
}

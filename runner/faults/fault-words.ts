import type { Fault } from "../plan.ts";

/** Every word that a timeline may hold: what the simulator and real nodes on one machine can all do. */
export const EVERY_FAULT_WORD: ReadonlySet<Fault["word"]> = new Set<Fault["word"]>([
  "partition",
  "heal",
  "latency",
  "loss",
  "bandwidth",
  "crash",
  "restart",
  "pause",
  "resume",
  "hashRate",
]);

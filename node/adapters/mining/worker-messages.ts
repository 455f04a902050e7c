import type { Work } from "./hasher.ts";
import type { KernelModule } from "./nonce-search.ts";

/** What the node says to a mining thread; the thread answers with a `Find`. */
export type ToWorker =
  | { readonly type: "work"; readonly work: Work | null }
  | { readonly type: "rate"; readonly hashesPerSec: number };

/** Handed to a thread when it starts. */
export interface WorkerStart {
  readonly kernel: KernelModule;
  /** Which part of the nonces is this thread's, from 0. */
  readonly index: number;
  /** A counter of tried hashes that both threads see. */
  readonly tried: BigInt64Array;
}

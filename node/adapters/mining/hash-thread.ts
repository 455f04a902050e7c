import { getCompileCacheDir } from "node:module";
import { dirname } from "node:path";
import { Worker } from "node:worker_threads";
import type { Find, Hasher, Work } from "./hasher.ts";
import type { KernelModule } from "./nonce-search.ts";
import type { ToWorker, WorkerStart } from "./worker-messages.ts";

export interface HashThreadSettings {
  readonly kernel: KernelModule;
  /** Which part of the nonces is this thread's, from 0. */
  readonly index: number;
  readonly onFound: (find: Find) => void;
  /** The thread broke: a bug of ours. */
  readonly onFailure: (error: unknown) => void;
}

/** Hashes in a thread of its own. */
export class HashThread implements Hasher {
  readonly #worker: Worker;
  readonly #tried = new BigInt64Array(new SharedArrayBuffer(8));

  constructor({ kernel, index, onFound, onFailure }: HashThreadSettings) {
    const start: WorkerStart = { kernel, index, tried: this.#tried };
    this.#worker = new Worker(new URL("./mining-worker.ts", import.meta.url), {
      workerData: start,
      name: `mining ${index}`,
      env: workerEnv(),
      // It keeps a loop and 64 KiB for its kernel, but may have to load a TypeScript parser.
      resourceLimits: { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 32 },
    });
    this.#worker.on("message", onFound);
    this.#worker.on("error", onFailure);
  }

  setWork(work: Work | null): void {
    this.#tell({ type: "work", work });
  }

  setRate(hashesPerSec: number): void {
    this.#tell({ type: "rate", hashesPerSec });
  }

  hashesTried(): number {
    return Number(Atomics.load(this.#tried, 0));
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #tell(message: ToWorker): void {
    this.#worker.postMessage(message);
  }
}

/** The thread finds the compiled code of the process: without it, it would load a TypeScript parser of 16 MB of its own. */
function workerEnv(): NodeJS.ProcessEnv {
  const folder = getCompileCacheDir();
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: dirname(folder) };
}

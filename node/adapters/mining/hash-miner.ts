import { getCompileCacheDir } from "node:module";
import { dirname } from "node:path";
import { Worker } from "node:worker_threads";
import { encodeHeader } from "../../core/chain/header-bytes.ts";
import { targetFromCompact } from "../../core/chain/target.ts";
import type { BlockTemplate } from "../../core/consensus/block-template.ts";
import type { BlockEntry } from "../../core/state/block-entry.ts";
import { invariant } from "../../core/support/invariant.ts";
import type { Micros } from "../../core/support/micros.ts";
import type { Miner } from "../../ports/miner.ts";
import type { MiningControl, MiningMode } from "../../ports/mining-control.ts";
import type { MinerHost } from "./miner-host.ts";
import { sealTemplate } from "./seal-template.ts";
import type { FromWorker, ToWorker, WorkerStart } from "./worker-messages.ts";

/** How old work may get: its header's time stays near the clock's, and new transactions find their way in. */
const REFRESH_MS = 1_000;

/** Templates that a find may still be for: the thread may have found a nonce just before it heard of newer work. */
const TEMPLATE_COUNT_MAX = 4;

export interface HashMinerSettings {
  readonly mode: MiningMode;
  readonly hashesPerSec: number;
  readonly nowUs: () => Micros;
  /** The thread broke: a bug of ours. */
  readonly onFailure: (error: unknown) => void;
}

/** Really hashes, in a thread of its own that starts when there is something to hash, throttled to the configured rate. */
export class HashMiner implements Miner, MiningControl {
  mode: MiningMode;
  hashesPerSecAsked: number;
  readonly #host: MinerHost;
  readonly #settings: HashMinerSettings;
  readonly #tried = new BigInt64Array(new SharedArrayBuffer(8));
  readonly #templates = new Map<number, BlockTemplate>();
  #worker: Worker | null = null;
  #lastId = 0;
  #refresh: NodeJS.Immediate | null = null;
  #refreshTimer: NodeJS.Timeout | null = null;
  #wanted: ((block: BlockEntry) => void)[] = [];

  constructor(host: MinerHost, settings: HashMinerSettings) {
    this.#host = host;
    this.#settings = settings;
    this.mode = settings.mode;
    this.hashesPerSecAsked = settings.hashesPerSec;
  }

  tipChanged(_view: number, _tip: BlockEntry): void {
    this.#refreshSoon();
  }

  setHashRate(_view: number, hashesPerSec: number): void {
    this.hashesPerSecAsked = hashesPerSec;
    this.#tell({ type: "rate", hashesPerSec });
    this.#refreshSoon();
  }

  setMode(mode: MiningMode): void {
    this.mode = mode;
    this.#refreshSoon();
  }

  hashesTried(): number {
    return Number(Atomics.load(this.#tried, 0));
  }

  mineOne(deadlineMs: number): Promise<BlockEntry | null> {
    return new Promise((resolve) => {
      const finish = (block: BlockEntry | null) => {
        clearTimeout(timer);
        this.#wanted = this.#wanted.filter((other) => other !== finish);
        resolve(block);
        this.#refreshSoon();
      };
      const timer = setTimeout(() => finish(null), deadlineMs);
      this.#wanted.push(finish);
      this.#refreshSoon();
    });
  }

  async close(): Promise<void> {
    if (this.#refresh !== null) clearImmediate(this.#refresh);
    if (this.#refreshTimer !== null) clearInterval(this.#refreshTimer);
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  get #isMining(): boolean {
    return this.hashesPerSecAsked > 0 && (this.mode === "continuous" || this.#wanted.length > 0);
  }

  /** Not at once: the host calls from inside its own work, and several changes of one moment need one template. */
  #refreshSoon(): void {
    this.#refresh ??= setImmediate(() => {
      this.#refresh = null;
      this.#sendWork();
    });
  }

  #sendWork(): void {
    if (!this.#isMining) {
      if (this.#refreshTimer !== null) clearInterval(this.#refreshTimer);
      this.#refreshTimer = null;
      this.#tell({ type: "rest" });
      return;
    }
    this.#refreshTimer ??= setInterval(() => this.#sendWork(), REFRESH_MS);
    this.#worker ??= this.#startWorker();
    const template = this.#host.template(this.#settings.nowUs());
    const target = targetFromCompact(template.header.compactTarget);
    invariant(target !== null, "a template without a target");
    const id = ++this.#lastId;
    this.#templates.set(id, template);
    this.#templates.delete(id - TEMPLATE_COUNT_MAX);
    this.#tell({
      type: "work",
      id,
      headerBytes: encodeHeader(template.header),
      targetHex: target.toString(16).padStart(64, "0"),
    });
  }

  #startWorker(): Worker {
    const start: WorkerStart = { tried: this.#tried };
    const worker = new Worker(new URL("./mining-worker.ts", import.meta.url), {
      workerData: start,
      name: "mining",
      env: workerEnv(),
      // Hashing leaves short strings behind and keeps nothing.
      resourceLimits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 32 },
    });
    worker.on("message", (found: FromWorker) => this.#onFound(found));
    worker.on("error", (error) => this.#settings.onFailure(error));
    worker.postMessage({ type: "rate", hashesPerSec: this.hashesPerSecAsked } satisfies ToWorker);
    return worker;
  }

  #onFound(found: FromWorker): void {
    const template = this.#templates.get(found.id);
    if (this.#worker === null || template === undefined || !this.#isMining) return;
    const nowUs = this.#settings.nowUs();
    const block = sealTemplate(this.#host, template, found.nonce, nowUs);
    for (const finish of this.#wanted) finish(block);
    // A find on a tip that was just overtaken changes no tip, and the thread rests.
    this.#refreshSoon();
  }

  #tell(message: ToWorker): void {
    this.#worker?.postMessage(message);
  }
}

/** The thread finds the compiled code of the process: without it, it would load a TypeScript parser of 16 MB of its own. */
function workerEnv(): NodeJS.ProcessEnv {
  const folder = getCompileCacheDir();
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: dirname(folder) };
}

import { monitorEventLoopDelay } from "node:perf_hooks";

/** How often the event loop's delay is measured; a delay below this is seen to about a tenth of it. */
const RESOLUTION_MS = 20;

export interface LoadSample {
  /** By how much timers came late since the last sample, without the interval of the measurement itself. */
  readonly eventLoopLagMsP50: number;
  readonly eventLoopLagMsP99: number;
  readonly residentBytes: number;
  /** CPU time over wall time since the last sample, all threads: 1 is one core. */
  readonly cpuRatio: number;
}

/** Looks at how busy this process is. Each sample covers the time since the one before. */
export class LoadProbe {
  readonly #delay: ReturnType<typeof monitorEventLoopDelay>;
  #cpu = process.cpuUsage();
  #atMs = performance.now();

  constructor() {
    this.#delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    this.#delay.enable();
  }

  sample(): LoadSample {
    const nowMs = performance.now();
    const used = process.cpuUsage(this.#cpu);
    const sample = {
      eventLoopLagMsP50: lagMs(this.#delay.percentile(50)),
      eventLoopLagMsP99: lagMs(this.#delay.percentile(99)),
      residentBytes: process.memoryUsage.rss(),
      cpuRatio: (used.user + used.system) / 1_000 / Math.max(1, nowMs - this.#atMs),
    };
    this.#delay.reset();
    this.#cpu = process.cpuUsage();
    this.#atMs = nowMs;
    return sample;
  }

  close(): void {
    this.#delay.disable();
  }
}

function lagMs(delayNs: number): number {
  return Math.max(0, delayNs / 1e6 - RESOLUTION_MS);
}

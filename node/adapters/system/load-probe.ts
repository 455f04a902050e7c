import { countLags, EventLoopLag, lagPercentile } from "./event-loop-lag.ts";

export interface LoadSample {
  /** By how much timers came late since the last sample. */
  readonly eventLoopLagMsP50: number;
  readonly eventLoopLagMsP99: number;
  /** All of these lags; see `countLags`. */
  readonly eventLoopLagCounts: readonly (readonly [lagMs: number, count: number])[];
  readonly residentBytes: number;
  /** CPU time over wall time since the last sample, all threads: 1 is one core. */
  readonly cpuRatio: number;
}

/** Looks at how busy this process is. Each sample covers the time since the one before. */
export class LoadProbe {
  readonly #lag = new EventLoopLag();
  #cpu = process.cpuUsage();
  #atMs = performance.now();

  sample(): LoadSample {
    const nowMs = performance.now();
    const used = process.cpuUsage(this.#cpu);
    const lagsMs = this.#lag.take();
    const sample = {
      eventLoopLagMsP50: lagPercentile(lagsMs, 50),
      eventLoopLagMsP99: lagPercentile(lagsMs, 99),
      eventLoopLagCounts: countLags(lagsMs),
      residentBytes: process.memoryUsage.rss(),
      cpuRatio: (used.user + used.system) / 1_000 / Math.max(1, nowMs - this.#atMs),
    };
    this.#cpu = process.cpuUsage();
    this.#atMs = nowMs;
    return sample;
  }

  close(): void {
    this.#lag.close();
  }
}

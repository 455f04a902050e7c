import { setImmediate } from "node:timers/promises";
import type { Micros } from "../../node/core/support/micros.ts";
import type { Backend } from "../backends/backend.ts";

/** How often the progress is told: fast enough to look alive, slow enough to cost nothing. */
const REPORT_INTERVAL_MS = 250;

/** Wall time that a slice of a simulated run should take: Ctrl-C and the progress line wait for one at most. */
const SLICE_MS = 50;

/** Into how many slices a simulated run is cut before it is known how fast it goes. */
const SLICES_AT_FIRST = 2_000;

/**
 * Lets a backend run in slices, so that a simulation, which never waits for anything, leaves the event loop alive in between: for
 * signals, the progress line and whatever else the process does. Slices change nothing of what the backend does.
 */
export class Pace {
  readonly #backend: Pick<Backend, "clock" | "runUntil" | "nowUs">;
  readonly #report: () => void;
  #sliceUs: Micros;
  #reportedAtMs = Number.NEGATIVE_INFINITY;
  #yieldedAtMs = performance.now();

  constructor(
    backend: Pick<Backend, "clock" | "runUntil" | "nowUs">,
    durationUs: Micros,
    report: () => void,
  ) {
    this.#backend = backend;
    this.#report = report;
    this.#sliceUs = Math.max(1, Math.ceil(durationUs / SLICES_AT_FIRST));
  }

  /** Rejects when aborted, as `Backend.runUntil` does. */
  async runUntil(atUs: Micros, signal: AbortSignal): Promise<void> {
    while (this.#backend.nowUs() < atUs) {
      const sliceEndUs = Math.min(atUs, this.#backend.nowUs() + this.#sliceLengthUs());
      const startedMs = performance.now();
      await this.#backend.runUntil(sliceEndUs, signal);
      this.#adapt(performance.now() - startedMs, sliceEndUs < atUs);
      await this.#breathe(signal);
    }
  }

  #sliceLengthUs(): Micros {
    return this.#backend.clock === "real" ? REPORT_INTERVAL_MS * 1_000 : this.#sliceUs;
  }

  /** A slice that a transaction cut short says little; a long one always counts. */
  #adapt(tookMs: number, wasWhole: boolean): void {
    if (tookMs > 2 * SLICE_MS) this.#sliceUs = Math.max(1, Math.floor(this.#sliceUs / 2));
    else if (wasWhole && tookMs < SLICE_MS / 2) this.#sliceUs *= 2;
  }

  async #breathe(signal: AbortSignal): Promise<void> {
    const nowMs = performance.now();
    if (nowMs - this.#yieldedAtMs < SLICE_MS) return;
    await setImmediate();
    this.#yieldedAtMs = performance.now();
    signal.throwIfAborted();
    if (nowMs - this.#reportedAtMs < REPORT_INTERVAL_MS) return;
    this.#reportedAtMs = nowMs;
    this.#report();
  }
}

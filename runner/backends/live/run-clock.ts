import type { Micros } from "../../../node/core/support/micros.ts";

/** The longest that one timer can wait, in ms. Source: Node.js, TIMEOUT_MAX. */
const TIMEOUT_MS_MAX = 2_147_483_647;

/** The run's time on the machine's clock, read as the nodes read theirs: microseconds since the Unix epoch, steady within a process. */
export class RunClock {
  #startEpochUs: number | null = null;

  /** This is time 0. */
  start(): void {
    this.#startEpochUs = epochUs();
  }

  /** Of time 0, in the nodes' count. */
  get startEpochUs(): number {
    return this.#startEpochUs ?? epochUs();
  }

  /** 0 until it was started. */
  nowUs(): Micros {
    return Math.round(epochUs() - this.startEpochUs);
  }

  /** Resolves at this time or up to a millisecond later; at once if it is past. Rejects when aborted. */
  async until(atUs: Micros, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    for (let leftUs = atUs - this.nowUs(); leftUs > 0; leftUs = atUs - this.nowUs())
      await sleep(Math.min(Math.ceil(leftUs / 1_000), TIMEOUT_MS_MAX), signal);
  }
}

function epochUs(): number {
  return (performance.timeOrigin + performance.now()) * 1_000;
}

/** A listener for each wait, taken off again: one run waits a hundred thousand times on one signal. */
async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal.addEventListener("abort", abort, { once: true });
  });
}

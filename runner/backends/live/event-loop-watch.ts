import type { EventLoopRecord } from "../backend.ts";
import { addLags } from "../lag-counts.ts";

/** What a node's samples over a run say of its event loop, over all its lives. */
export class EventLoopWatch {
  readonly #counts = new Map<number, number>();
  #wasCalmAtStart = false;
  #hasStoodStill = false;

  /** The run begins. */
  begin(isCalm: boolean): void {
    this.#wasCalmAtStart = isCalm;
  }

  /** The node goes on after it was stopped on purpose: the sample that comes next tells of that time too, and not of the machine. */
  resumed(): void {
    this.#hasStoodStill = true;
  }

  /** A sample of the run. */
  hear(lagCounts: Iterable<readonly [number, number]>): void {
    if (!this.#hasStoodStill) addLags(this.#counts, lagCounts);
    this.#hasStoodStill = false;
  }

  get record(): EventLoopRecord {
    return { lagCounts: this.#counts, wasCalmAtStart: this.#wasCalmAtStart };
  }
}

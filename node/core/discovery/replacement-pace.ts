import { MICROS_PER_SEC, type Micros } from "../support/micros.ts";

/** Wait between two peers that are replaced because they are slow. */
export const REPLACEMENT_WAIT_US_MIN: Micros = 10 * MICROS_PER_SEC;
/** What it doubles up to. */
export const REPLACEMENT_WAIT_US_MAX: Micros = 640 * MICROS_PER_SEC;

/**
 * How often a slow peer may be replaced. To a node whose own line is slow every peer looks slow, and it would exchange them all, over and over: so each
 * replacement doubles the wait for the next, and twice the wait without one brings it back. Source of the thought: Bitcoin Core, pull request 25880,
 * which doubles the time that the next peer is given.
 */
export class ReplacementPace {
  #waitUs = 0;
  #lastUs = Number.NEGATIVE_INFINITY;

  isTime(nowUs: Micros): boolean {
    return nowUs >= this.#lastUs + this.#waitUs;
  }

  /** A peer was replaced. */
  replaced(nowUs: Micros): void {
    const isCalm = nowUs >= this.#lastUs + 2 * this.#waitUs;
    this.#waitUs = isCalm ? REPLACEMENT_WAIT_US_MIN : Math.min(REPLACEMENT_WAIT_US_MAX, 2 * this.#waitUs);
    this.#lastUs = nowUs;
  }
}

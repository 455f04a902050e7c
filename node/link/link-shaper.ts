import type { Micros } from "../core/support/micros.ts";
import { keyedUniform, streamSeed } from "../core/support/prng.ts";
import { drawLatencyUs } from "./latency.ts";
import type { LinkCondition } from "./link-conditions.ts";
import { departureUs, retransmissionUs, transmissionUs } from "./link-delay.ts";

/** Salts of what is drawn for one message of one link: its delay and its losses are drawn apart. */
export const LATENCY_SALT = 1;
export const LOSS_SALT = 2;

/** The sending side of a node: all of its links share it. */
export class Uplink {
  /** Null is unlimited. */
  bitsPerSec: number | null;
  #busyUntilUs: Micros = 0;

  constructor(bitsPerSec: number | null) {
    this.bitsPerSec = bitsPerSec;
  }

  /** When the last bit of a message that is handed over now has left. */
  departUs(nowUs: Micros, sizeBytes: number): Micros {
    if (this.bitsPerSec === null) return nowUs;
    const durationUs = transmissionUs(sizeBytes, this.bitsPerSec);
    const departedUs = departureUs(nowUs, this.#busyUntilUs, sizeBytes, durationUs);
    this.#busyUntilUs = Math.max(nowUs, this.#busyUntilUs) + durationUs;
    return departedUs;
  }
}

/**
 * One direction of a link: when a message that is handed over now is to arrive. Draws follow from seed, names and message alone, exactly as in
 * the simulator; arrivals never overtake one another.
 */
export class LinkShaper {
  condition: LinkCondition;
  readonly #uplink: Uplink;
  readonly #drawSeed: number;
  #lastArrivalUs: Micros = 0;

  constructor(uplink: Uplink, condition: LinkCondition, seed: string, source: string, target: string) {
    this.condition = condition;
    this.#uplink = uplink;
    this.#drawSeed = streamSeed(seed, `link ${source}>${target}`);
  }

  /** Null when the link is cut: the message is lost. */
  arrivalUs(nowUs: Micros, drawKey: number, sizeBytes: number): Micros | null {
    const { latency, lossRatio, cut } = this.condition;
    if (cut) return null;
    let atUs = this.#uplink.departUs(nowUs, sizeBytes);
    if (lossRatio > 0) atUs += retransmissionUs(lossRatio, keyedUniform(this.#drawSeed, drawKey, LOSS_SALT));
    atUs += drawLatencyUs(latency, keyedUniform(this.#drawSeed, drawKey, LATENCY_SALT));
    this.#lastArrivalUs = Math.max(atUs, this.#lastArrivalUs);
    return this.#lastArrivalUs;
  }

  /** Whether what is under way already would make a message that is handed over now arrive later than its own latency says. */
  isHeldUp(nowUs: Micros, drawKey: number): boolean {
    const { latency } = this.condition;
    const latencyUs = drawLatencyUs(latency, keyedUniform(this.#drawSeed, drawKey, LATENCY_SALT));
    return nowUs + latencyUs < this.#lastArrivalUs;
  }
}

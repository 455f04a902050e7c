import type { Message } from "../../../node/core/state/messages.ts";
import type { Micros } from "../../../node/core/support/micros.ts";
import type { Alarm } from "../../../node/ports/alarm.ts";
import { WAKE } from "./event-kinds.ts";
import type { EventQueue } from "./event-queue.ts";

/**
 * Wakes nodes in virtual time. One event waits for a node at most times: an earlier wish makes a new one, a later
 * wish is found out when the waiting one fires.
 */
export class SimAlarm implements Alarm {
  readonly #queue: EventQueue<Message>;
  readonly #wishUs: Float64Array;
  readonly #scheduledUs: Float64Array;

  constructor(queue: EventQueue<Message>, nodeCount: number) {
    this.#queue = queue;
    this.#wishUs = new Float64Array(nodeCount).fill(Number.POSITIVE_INFINITY);
    this.#scheduledUs = new Float64Array(nodeCount).fill(Number.POSITIVE_INFINITY);
  }

  wakeAt(view: number, atUs: Micros): void {
    this.#wishUs[view] = atUs;
    if ((this.#scheduledUs[view] as Micros) <= atUs) return;
    this.#scheduledUs[view] = atUs;
    this.#queue.scheduleInLane(atUs, WAKE, view);
  }

  /** An event of kind WAKE fired: whether its node is to be woken now. */
  isDue(view: number, nowUs: Micros): boolean {
    // An older event of a wish that was brought forward is early; one that waited for a node that stood still is late.
    if ((this.#scheduledUs[view] as Micros) > nowUs) return false;
    this.#scheduledUs[view] = Number.POSITIVE_INFINITY;
    const wishUs = this.#wishUs[view] as Micros;
    if (wishUs > nowUs) {
      if (wishUs < Number.POSITIVE_INFINITY) this.wakeAt(view, wishUs);
      return false;
    }
    this.#wishUs[view] = Number.POSITIVE_INFINITY;
    return true;
  }

  /** The process that wished is gone, and the event too if it waited for a node that stood still. */
  forget(view: number): void {
    this.#wishUs[view] = Number.POSITIVE_INFINITY;
    this.#scheduledUs[view] = Number.POSITIVE_INFINITY;
  }
}

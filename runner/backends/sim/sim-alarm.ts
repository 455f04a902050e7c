import type { Message } from "../../../node/core/state/messages.ts";
import type { Micros } from "../../../node/core/support/micros.ts";
import type { Alarm } from "../../../node/ports/alarm.ts";
import { WAKE } from "./event-kinds.ts";
import type { EventQueue } from "./event-queue.ts";

/** Doubles of a view's record: when it wishes to be woken, and when its waiting event is due; Infinity for never. */
const WISH_US = 0;
const SCHEDULED_US = 1;
const ALARM_FLOATS = 2;

/**
 * Wakes nodes in virtual time. One event waits for a node at most times: an earlier wish makes a new one, a later
 * wish is found out when the waiting one fires.
 */
export class SimAlarm implements Alarm {
  readonly #queue: EventQueue<Message>;
  /** By view. */
  readonly #floats: Float64Array;

  constructor(queue: EventQueue<Message>, nodeCount: number) {
    this.#queue = queue;
    this.#floats = new Float64Array(nodeCount * ALARM_FLOATS).fill(Number.POSITIVE_INFINITY);
  }

  wakeAt(view: number, atUs: Micros): void {
    const at = view * ALARM_FLOATS;
    this.#floats[at + WISH_US] = atUs;
    if ((this.#floats[at + SCHEDULED_US] as Micros) <= atUs) return;
    this.#floats[at + SCHEDULED_US] = atUs;
    this.#queue.scheduleInLane(atUs, WAKE, view);
  }

  /** An event of kind WAKE fired: whether its node is to be woken now. */
  isDue(view: number, nowUs: Micros): boolean {
    const at = view * ALARM_FLOATS;
    // An older event of a wish that was brought forward is early; one that waited for a node that stood still is late.
    if ((this.#floats[at + SCHEDULED_US] as Micros) > nowUs) return false;
    this.#floats[at + SCHEDULED_US] = Number.POSITIVE_INFINITY;
    const wishUs = this.#floats[at + WISH_US] as Micros;
    if (wishUs > nowUs) {
      if (wishUs < Number.POSITIVE_INFINITY) this.wakeAt(view, wishUs);
      return false;
    }
    this.#floats[at + WISH_US] = Number.POSITIVE_INFINITY;
    return true;
  }

  /** The process that wished is gone, and the event too if it waited for a node that stood still. */
  forget(view: number): void {
    this.#floats[view * ALARM_FLOATS + WISH_US] = Number.POSITIVE_INFINITY;
    this.#floats[view * ALARM_FLOATS + SCHEDULED_US] = Number.POSITIVE_INFINITY;
  }
}

import type { Micros } from "../support/micros.ts";
import type { NodePort } from "./node-port.ts";
import type { ViewState } from "./view-state.ts";

/**
 * The one wish to be woken that each view has, for all that wait for a time: what was asked for and what is to be told. A wake that
 * comes too early finds nothing late, and whoever still waits wishes again.
 */
export class Wakes {
  readonly #port: NodePort;
  /** By view: the wish that stands, Infinity if none. */
  readonly #atUs: Float64Array;

  constructor(port: NodePort, viewCount: number) {
    this.#port = port;
    this.#atUs = new Float64Array(viewCount).fill(Number.POSITIVE_INFINITY);
  }

  /** The view was woken, or is a new process: no wish stands. */
  forget(view: number): void {
    this.#atUs[view] = Number.POSITIVE_INFINITY;
  }

  atLatest(view: number, atUs: Micros): void {
    if ((this.#atUs[view] as Micros) > atUs) this.#set(view, atUs);
  }

  /** Takes the wish back when the view waits for nothing any more. */
  answered(state: ViewState): void {
    if (state.requestedBlock !== null || state.otherRequests.length > 0 || state.questions.size > 0) return;
    if (state.talk !== null && (state.talk.untold !== null || state.talk.wanted !== null)) return;
    this.#set(state.view, Number.POSITIVE_INFINITY);
  }

  #set(view: number, atUs: Micros): void {
    this.#atUs[view] = atUs;
    this.#port.wakeAt(view, atUs);
  }
}

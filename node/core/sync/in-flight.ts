import type { BlockEntry } from "../state/block-entry.ts";
import type { Micros } from "../support/micros.ts";
import { type BodyRequest, NO_REQUESTS, type ViewState } from "./view-state.ts";

/** Requests for one body before it is given up until somebody announces it again. */
export const ATTEMPT_COUNT_MAX = 8;

/**
 * Bodies that views have asked for. Nearly always one at most in each, which stands in fields of the state: a wave through
 * ten thousand views then makes no object and touches no list.
 */
export class InFlight {
  /** By view: of the first request, while there is one. */
  readonly #deadlineUs: Float64Array;

  constructor(viewCount: number) {
    this.#deadlineUs = new Float64Array(viewCount);
  }

  count(state: ViewState): number {
    return (state.requestedBlock === null ? 0 : 1) + state.otherRequests.length;
  }

  /** Earliest deadline, or null when nothing is under way. */
  firstDeadlineUs(state: ViewState): Micros | null {
    if (state.otherRequests.length === 0)
      return state.requestedBlock === null ? null : (this.#deadlineUs[state.view] as Micros);
    return Math.min(...this.all(state).map((request) => request.deadlineUs));
  }

  add(state: ViewState, block: BlockEntry, link: number, attempt: number, deadlineUs: Micros): void {
    if (state.requestedBlock !== null) {
      if (state.otherRequests === NO_REQUESTS) state.otherRequests = [];
      state.otherRequests.push({ block, link, attempt, deadlineUs });
      return;
    }
    state.requestedBlock = block;
    state.requestedLink = link;
    state.requestedAttempt = attempt;
    this.#deadlineUs[state.view] = deadlineUs;
  }

  /** Whether the block was among them. */
  remove(state: ViewState, block: BlockEntry): boolean {
    if (state.requestedBlock === block) {
      state.requestedBlock = null;
      return true;
    }
    if (state.otherRequests.length === 0) return false;
    const position = state.otherRequests.findIndex((request) => request.block === block);
    if (position === -1) return false;
    state.otherRequests.splice(position, 1);
    return true;
  }

  find(state: ViewState, block: BlockEntry): BodyRequest | null {
    return this.all(state).find((request) => request.block === block) ?? null;
  }

  /** The requests of these blocks count as the first ones. */
  countAnew(state: ViewState, isMeant: (block: BlockEntry) => boolean): void {
    if (state.requestedBlock !== null && isMeant(state.requestedBlock)) state.requestedAttempt = 0;
    if (state.otherRequests.length === 0) return;
    state.otherRequests = state.otherRequests.map((request) =>
      isMeant(request.block) ? { ...request, attempt: 0 } : request,
    );
  }

  /** A copy, so that requests may be removed and made while it is walked. */
  all(state: ViewState): BodyRequest[] {
    if (state.requestedBlock === null) return [...state.otherRequests];
    const first = {
      block: state.requestedBlock,
      link: state.requestedLink,
      attempt: state.requestedAttempt,
      deadlineUs: this.#deadlineUs[state.view] as Micros,
    };
    return [first, ...state.otherRequests];
  }
}

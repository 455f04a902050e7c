import type { BlockEntry } from "../state/block-entry.ts";
import { makeGetHeaders } from "../state/messages.ts";
import type { Micros } from "../support/micros.ts";
import { locatorFrom } from "./header-sync.ts";
import type { LinkIndex, NodePort } from "./node-port.ts";
import { NO_QUESTIONS, type ViewState } from "./view-state.ts";
import type { Wakes } from "./wakes.ts";

/** How long a peer may take to answer with headers before it is asked again. */
export const HEADERS_TIMEOUT_US: Micros = 10_000_000;

/**
 * Questions to a peer that answers none of them, before it is left alone until there is a new reason to ask. A cut that swallows them all
 * ends with an announcement, which is such a reason: three bear a lost answer and a busy peer.
 */
export const QUESTION_COUNT_MAX = 3;

/** What views have asked their peers about headers, and asking again when no answer comes. */
export class HeaderQuestions {
  readonly #port: NodePort;
  readonly #wakes: Wakes;

  constructor(port: NodePort, wakes: Wakes) {
    this.#port = port;
    this.#wakes = wakes;
  }

  /**
   * Asks for the headers above `from`. One question a peer at a time, so that a flood of announcements costs one; a reason to ask that
   * comes while one is open lets it be asked again as often as a new one, for its answer may be lost already.
   */
  ask(state: ViewState, link: LinkIndex, from: BlockEntry, nowUs: Micros): void {
    const open = state.questions.get(link);
    if (open !== undefined && open.deadlineUs > nowUs) open.count = 1;
    else this.#send(state, link, from, 1, nowUs);
  }

  /** The peer has answered, or whatever it was asked before is forgotten. */
  answered(state: ViewState, link: LinkIndex): void {
    if (state.questions.size > 0 && state.questions.delete(link)) this.#wakes.answered(state);
  }

  /** Asks again what has waited too long: from the tip, because nobody need hold what follows a header whose body was never seen. */
  wake(state: ViewState, nowUs: Micros): void {
    if (state.questions.size === 0) return;
    for (const [link, { count, deadlineUs }] of [...state.questions]) {
      if (deadlineUs > nowUs) this.#wakes.atLatest(state.view, deadlineUs);
      else if (count < QUESTION_COUNT_MAX) this.#send(state, link, state.tip, count + 1, nowUs);
      else state.questions.delete(link);
    }
  }

  #send(state: ViewState, link: LinkIndex, from: BlockEntry, count: number, nowUs: Micros): void {
    const deadlineUs = nowUs + HEADERS_TIMEOUT_US;
    if (state.questions === NO_QUESTIONS) state.questions = new Map();
    state.questions.set(link, { count, deadlineUs });
    this.#port.send(state.view, link, makeGetHeaders(locatorFrom(from)));
    this.#wakes.atLatest(state.view, deadlineUs);
  }
}

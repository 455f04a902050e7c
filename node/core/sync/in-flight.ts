import type { BlockEntry } from "../state/block-entry.ts";
import type { Micros } from "../support/micros.ts";

/**
 * Bodies asked of one peer, at most, so that a slow one holds up little; a body that is asked for again goes to the next
 * peer in turn, however busy. Source: Bitcoin Core, MAX_BLOCKS_IN_TRANSIT_PER_PEER.
 */
export const IN_FLIGHT_PER_LINK_MAX = 16;

/** Requests for one body before it is given up until somebody announces it again. */
export const ATTEMPT_COUNT_MAX = 8;

/** A body that was asked for and has not come. */
export interface BodyRequest {
  readonly block: BlockEntry;
  readonly link: number;
  /** 0 for the first request of this block. */
  readonly attempt: number;
  readonly deadlineUs: Micros;
}

/**
 * Bodies that one view has asked for. Nearly always one at most, which stands in fields of its own: a wave through
 * ten thousand views then makes no object and touches no list.
 */
export class InFlight {
  #block: BlockEntry | null = null;
  #link = 0;
  #attempt = 0;
  #deadlineUs: Micros = 0;
  #others: BodyRequest[] = NONE;

  get count(): number {
    return (this.#block === null ? 0 : 1) + this.#others.length;
  }

  /** Earliest deadline, or null when nothing is under way. */
  get firstDeadlineUs(): Micros | null {
    if (this.#others.length === 0) return this.#block === null ? null : this.#deadlineUs;
    return Math.min(...this.all().map((request) => request.deadlineUs));
  }

  add(block: BlockEntry, link: number, attempt: number, deadlineUs: Micros): void {
    if (this.#block !== null) {
      if (this.#others === NONE) this.#others = [];
      this.#others.push({ block, link, attempt, deadlineUs });
      return;
    }
    this.#block = block;
    this.#link = link;
    this.#attempt = attempt;
    this.#deadlineUs = deadlineUs;
  }

  /** Whether the block was among them. */
  remove(block: BlockEntry): boolean {
    if (this.#block === block) {
      this.#block = null;
      return true;
    }
    const position = this.#others.findIndex((request) => request.block === block);
    if (position === -1) return false;
    this.#others.splice(position, 1);
    return true;
  }

  /** A copy, so that requests may be removed and made while it is walked. */
  all(): BodyRequest[] {
    if (this.#block === null) return [...this.#others];
    const first = {
      block: this.#block,
      link: this.#link,
      attempt: this.#attempt,
      deadlineUs: this.#deadlineUs,
    };
    return [first, ...this.#others];
  }
}

/** Shared by all views that have no second request; replaced, never filled. */
const NONE: BodyRequest[] = [];

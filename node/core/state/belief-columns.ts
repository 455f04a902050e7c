/**
 * What views believe of one block, a column beside that block: a status byte and a mask of links for each view.
 * Kept by block, not by view, because the wave of one block through ten thousand views then touches some fifty
 * kilobytes instead of ten thousand objects.
 */
export interface BeliefColumn {
  /** By view: one of the statuses below. */
  readonly status: Uint8Array;
  /** By view, `maskWords` words each: bit `link` is set when the peer there is known to know the block. */
  readonly known: Uint32Array;
}

/** Never heard of, or forgotten. */
export const UNKNOWN = 0;
/** The header is known and linked; the body was not asked for. */
export const ANNOUNCED = 1;
/** The body was asked for and has not come. */
export const REQUESTED = 2;
/** The body is here, an ancestor's is not: an orphan of this view. */
export const WAITING = 3;
/** Valid, connected to genesis, stored. */
export const HELD = 4;
/** It breaks a rule, or an ancestor does, and this view knows: whoever brings it again is at fault. */
export const REFUSED = 5;

/** How many views there are, and room for how many links each: fixed when the tree is made. */
export interface BeliefLayout {
  readonly viewCount: number;
  readonly linkCountMax: number;
}

/** Lends columns to blocks and takes them back once every view holds the block. */
export class BeliefColumns {
  readonly viewCount: number;
  /** 32-bit words of a view's mask. */
  readonly maskWords: number;
  /** Of blocks that every view holds: nothing is left to believe, so one column serves them all. Written to by nobody. */
  readonly settled: BeliefColumn;
  readonly #free: BeliefColumn[] = [];

  constructor(layout: BeliefLayout) {
    this.viewCount = layout.viewCount;
    this.maskWords = Math.max(1, Math.ceil(layout.linkCountMax / 32));
    this.settled = this.#make();
    this.settled.status.fill(HELD);
    this.settled.known.fill(0xffff_ffff);
  }

  /** A column in which no view knows the block. */
  take(): BeliefColumn {
    return this.#free.pop() ?? this.#make();
  }

  give(column: BeliefColumn): void {
    column.status.fill(UNKNOWN);
    column.known.fill(0);
    this.#free.push(column);
  }

  #make(): BeliefColumn {
    return {
      status: new Uint8Array(this.viewCount),
      known: new Uint32Array(this.viewCount * this.maskWords),
    };
  }
}

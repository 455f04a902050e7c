import { MICROS_PER_SEC, type Micros } from "../support/micros.ts";

/**
 * Bytes a second of transactions without a fee that one node takes, if nothing else is said: some 300 transfers, and far above what a scenario asks
 * for, whose loads pay. A node that takes one sends it over its links, so what a flood for nothing costs a network grows with this number
 * and with nothing that the sender has. Bitcoin Core had 15 kB a minute (-limitfreerelay) beside blocks of 1 MB every ten; our blocks come
 * in seconds. It gave that up for a least fee, because whoever floods takes the whole budget from all others who send for
 * nothing. Here that is borne: posts without coins are what classes begin with, and any fee goes past the budget.
 */
export const FREE_BYTES_PER_SEC = 50_000;

/** A node that took none for so long takes as much at one go: a class that begins together is no flood. */
export const FREE_BURST_US: Micros = 10 * MICROS_PER_SEC;

/** What one node may still take for nothing: a bucket of tokens, kept as the time at which it would be full again. */
export class FreeRelay {
  readonly #bytesPerSec: number;
  /** In the past: the bucket is full. */
  #fullAtUs: Micros = 0;

  /** 0 takes none. */
  constructor(bytesPerSec: number) {
    this.#bytesPerSec = bytesPerSec;
  }

  hasRoom(sizeBytes: number, nowUs: Micros): boolean {
    return this.#fullAfter(sizeBytes, nowUs) - nowUs <= FREE_BURST_US;
  }

  /** To be called for what there is room for. Times never go back. */
  take(sizeBytes: number, nowUs: Micros): void {
    this.#fullAtUs = this.#fullAfter(sizeBytes, nowUs);
  }

  #fullAfter(sizeBytes: number, nowUs: Micros): Micros {
    return Math.max(this.#fullAtUs, nowUs) + Math.ceil((sizeBytes * MICROS_PER_SEC) / this.#bytesPerSec);
  }
}

import type { Micros } from "../core/support/micros.ts";
import { drawLatencyUs, type LatencyModel, LOGNORMAL_TAIL_CELLS, lognormalTable } from "./latency.ts";

/** Bits of a draw below those that name a cell of the table of 1,024. */
const FRACTION_BITS = 22;
const FRACTION_MASK = 2 ** FRACTION_BITS - 1;
const CELL_COUNT = 2 ** (32 - FRACTION_BITS);

/**
 * Draws the delays of one latency model from 32 random bits, the same ones as `drawLatencyUs` from `(bits + 1/2) / 2^32`: made once
 * for a model, because a simulation draws one for every message.
 */
export class LatencySampler {
  readonly #model: LatencyModel;
  /** Null for every model but the lognormal. */
  readonly #table: Float64Array | null;
  readonly #scaleUs: Micros;

  constructor(model: LatencyModel) {
    this.#model = model;
    this.#table = model.kind === "lognormal" ? lognormalTable(model.sigma) : null;
    this.#scaleUs = model.kind === "lognormal" ? model.medianUs : 0;
  }

  /** `bits` from 0 to 2^32 - 1. Whole microseconds. */
  drawUs(bits: number): Micros {
    const table = this.#table;
    const cell = bits >>> FRACTION_BITS;
    if (table === null || cell < LOGNORMAL_TAIL_CELLS || cell >= CELL_COUNT - LOGNORMAL_TAIL_CELLS)
      return drawLatencyUs(this.#model, (bits + 0.5) / 2 ** 32);
    const below = table[cell] as number;
    const fraction = ((bits & FRACTION_MASK) + 0.5) / 2 ** FRACTION_BITS;
    return Math.round(this.#scaleUs * (below + ((table[cell + 1] as number) - below) * fraction));
  }
}

import { HELD } from "../state/belief-columns.ts";
import type { Micros } from "../support/micros.ts";
import { REQUEST_TIMEOUT_US } from "./download-limits.ts";
import type { BodyRequest, ViewState } from "./view-state.ts";

/**
 * How long the one body that all others wait for may take before another peer is asked for it too. Source: Bitcoin Core,
 * BLOCK_STALLING_TIMEOUT_DEFAULT.
 */
export const STALL_TIMEOUT_US: Micros = 2_000_000;

/** Bodies that must wait for it before it is called late: two peers have brought all that they may be asked for. */
export const STALL_WAITING_COUNT = 32;

/** From when on a peer is too slow with this body, if others wait for it. */
export function stallsAtUs({ deadlineUs }: BodyRequest): Micros {
  return deadlineUs - REQUEST_TIMEOUT_US + STALL_TIMEOUT_US;
}

/** Blocks of the path that the view holds: the lowest ones, so halving finds how many. */
export function heldOnPath({ path, view }: ViewState): number {
  let low = 0;
  let high = path.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (path[middle]?.beliefs.status[view] === HELD) low = middle + 1;
    else high = middle;
  }
  return low;
}

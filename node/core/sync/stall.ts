import type { Micros } from "../support/micros.ts";
import { REQUEST_TIMEOUT_US } from "./download-limits.ts";
import type { BodyRequest } from "./view-state.ts";

/**
 * How long the one body that all others wait for may take before another peer is asked for it too. Source: Bitcoin Core,
 * BLOCK_STALLING_TIMEOUT_DEFAULT.
 */
export const STALL_TIMEOUT_US: Micros = 2_000_000;

/** Bodies that must wait for it before it is called late: two peers have brought all that they may be asked for. */
export const STALL_WAITING_COUNT = 32;

/** From when on a peer is too slow with this body, if others wait for it. */
export function stallsAtUs(request: BodyRequest): Micros {
  return askedAtUs(request) + STALL_TIMEOUT_US;
}

export function askedAtUs({ deadlineUs }: BodyRequest): Micros {
  return deadlineUs - REQUEST_TIMEOUT_US;
}

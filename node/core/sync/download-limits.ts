import type { Micros } from "../support/micros.ts";

/**
 * How long a body may take before another peer is asked; a body that comes later is still taken. Long against
 * a slow link (500 kB at 1 Mbit/s take 4 s), short against what a user of a stalled node would bear.
 */
export const REQUEST_TIMEOUT_US: Micros = 10_000_000;

/**
 * Bodies asked for or waiting for an ancestor while a view catches up; of those that come unasked as many may wait. With the largest
 * blocks this bounds what a view keeps unconnected.
 */
export const WINDOW_COUNT = 128;

/** And bytes that one peer may have under way, were all blocks of the largest size: what it queues for this link is bounded too. */
export const IN_FLIGHT_BYTES_MAX = 128 * 1024 * 1024;

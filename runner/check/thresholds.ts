import { MICROS_PER_MS } from "../../node/core/support/micros.ts";

/**
 * How late 99 % of the transactions may be handed over. Confirmation times are seconds to minutes, and lateness adds to
 * none of them (they count from the handing over); what suffers is the spacing, and 100 ms is half the gap at 5 a second.
 */
export const LOAD_LATENESS_US_P99_MAX = 100 * MICROS_PER_MS;

/** Transactions that may be missing of those planned, as a share: one in a hundred moves no rate by more than its own noise. */
export const LOAD_SHED_RATIO_MAX = 0.01;

/** The last transaction may be due so close to the end that the run is over before it is handed over. */
export const LOAD_SHED_COUNT_FREE = 1;

/** How late a fault may be in force: one fortieth of a partition of twenty seconds. Containers need most of it. */
export const FAULT_LATENESS_US_MAX = 500 * MICROS_PER_MS;

/** A restart is in force when the process is up and has read its blocks, which takes a second or two of itself. */
export const RESTART_LATENESS_US_MAX = 5_000 * MICROS_PER_MS;

/** Lag of a node's event loop above which it adds as much to a hop as a link within a region does (11 to 85 ms, SimBlock's table). */
export const EVENT_LOOP_LAG_MS_MAX = 50;

/** Samples that may be above it, as a share: starting up, and a rare collection of garbage, are no saturation. */
export const EVENT_LOOP_LAG_SAMPLES_RATIO_MAX = 0.05;

/** How far a node's mean hash rate may be from the one asked, as a share. Shares of the network then hold within a tenth. */
export const HASH_RATE_TOLERANCE_RATIO = 0.1;

/**
 * How many standard deviations the number of blocks may be from what the hash rate asked for gives: a Poisson count
 * strays further in one run of two million.
 */
export const BLOCK_COUNT_SIGMAS = 5;
/** Added to it, since a Poisson count of a few blocks is skewed to the right. */
export const BLOCK_COUNT_SLACK = 3;

/** How long before its mining a block may arrive: header times and journals are read from clocks that tick in whole milliseconds. */
export const CLOCK_DISAGREEMENT_US_MAX = 5 * MICROS_PER_MS;

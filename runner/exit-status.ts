/**
 * What the command exits with: 0 every expectation was met, 1 one was not, 2 unknown (the run cannot be trusted, or an expectation
 * could not be judged) come from the verdict; the rest are here.
 */

/** The scenario or the command line is wrong; nothing was started. */
export const EXIT_BAD_SCENARIO = 3;

/** The testbed itself failed: a node did not come up, a disk is full, a bug of ours. */
export const EXIT_FAILED = 4;

/** Ended by a signal: 128 and its number, as shells have it. What was recorded is written all the same; its verdict is unknown. */
export const EXIT_BY_SIGNAL = { SIGINT: 130, SIGTERM: 143 } as const;

export type EndingSignal = keyof typeof EXIT_BY_SIGNAL;

/**
 * Which model of a network the simulator is. Goes up with every change that moves numbers for a fixed seed, in protocol, links, mining or
 * random streams, so that results of two versions are not compared unawares. `model-version.test.ts` notices a change that forgets it.
 */
export const MODEL_VERSION = 1;

import type { Analysis } from "../analysis/analyse.ts";
import { type ShareDone, shareDone, type Waited } from "../analysis/survival.ts";

/** What one run gives to a comparison. */
export interface RunSample {
  /** Heights with more than one block over all measured heights; null when none was measured. */
  readonly forkRatio: number | null;
  /** Stale over all measured blocks; null likewise. */
  readonly staleRatio: number | null;
  /** From mining to arrival, of blocks mined after the warm-up, by delivery; one that never came goes on waiting until the run's end. */
  readonly propagation: ShareDone;
  /** From submission to confirmation, of transactions submitted after the warm-up and not refused. */
  readonly confirmation: ShareDone;
}

/** The sample of a run that is in memory. */
export function sampleOf(
  { forks, tree, propagation, transactions, endUs }: Analysis,
  warmUpUs: number,
): RunSample {
  const nodes = Array.from({ length: propagation.nodeCount }, (_, node) => node);
  const deliveries = tree.blocks
    .filter((block) => block.minedAtUs >= warmUpUs)
    .flatMap((block) =>
      nodes
        .filter((node) => node !== block.miner)
        .map((node) => waited(propagation.arrivalUs(block, node), endUs - block.minedAtUs)),
    );
  return {
    forkRatio: forks.forked.ratio,
    staleRatio: forks.stale.ratio,
    propagation: shareDone(deliveries),
    confirmation: shareDone(
      transactions.fates
        .filter(({ status, submitted }) => status !== "refused" && submitted.atUs >= warmUpUs)
        .map(({ confirmedAfterUs, submitted }) => waited(confirmedAfterUs, endUs - submitted.atUs)),
    ),
  };
}

/** Something that happened after `afterUs`, or has not yet after `watchedUs`. */
export function waited(afterUs: number | null, watchedUs: number): Waited {
  return { afterUs: afterUs ?? Math.max(0, watchedUs), happened: afterUs !== null };
}

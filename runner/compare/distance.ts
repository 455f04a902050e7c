import type { ShareDone } from "../analysis/survival.ts";

/**
 * The Kolmogorov-Smirnov distance: the largest gap, 0 to 1, between two curves of the share done by a time. What was still waiting when its run
 * ended counts for as long as it was watched, and the curves are compared up to the time to which both runs watched something.
 * Null when either has nothing to compare.
 */
export function ksDistance(a: ShareDone, b: ShareDone): number | null {
  if (a.watchedUsMax === null || b.watchedUsMax === null) return null;
  const watchedUs = Math.min(a.watchedUsMax, b.watchedUsMax);
  let [i, j, widest] = [0, 0, 0];
  for (;;) {
    const atUs = Math.min(a.timesUs[i] ?? Number.POSITIVE_INFINITY, b.timesUs[j] ?? Number.POSITIVE_INFINITY);
    // After its last step a curve is flat.
    if (atUs > watchedUs) return widest;
    if (a.timesUs[i] === atUs) i++;
    if (b.timesUs[j] === atUs) j++;
    widest = Math.max(widest, Math.abs((a.shares[i - 1] ?? 0) - (b.shares[j - 1] ?? 0)));
  }
}

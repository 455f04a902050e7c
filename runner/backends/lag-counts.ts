/** Lags of event loops: whole milliseconds, rounded up, to how many lags there were of each. */
export type LagCounts = ReadonlyMap<number, number>;

export function addLags(counts: Map<number, number>, more: Iterable<readonly [number, number]>): void {
  for (const [lagMs, count] of more) counts.set(lagMs, (counts.get(lagMs) ?? 0) + count);
}

/** The smallest number of milliseconds that this share of the lags (0 to 1) does not exceed; null of no lags. */
export function lagMsQuantile(counts: LagCounts, share: number): number | null {
  let left = share * sumOf(counts.values());
  let last: number | null = null;
  for (const [lagMs, count] of [...counts].sort(([a], [b]) => a - b)) {
    last = lagMs;
    left -= count;
    if (left <= 0) break;
  }
  return last;
}

function sumOf(values: Iterable<number>): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

/**
 * Kolmogorov and Smirnov's statistic of two samples: the largest distance between the shares of values up to any point.
 * Neither may be empty; ties count in both.
 */
export function largestGap(a: readonly number[], b: readonly number[]): number {
  const [left, right] = [a.toSorted((x, y) => x - y), b.toSorted((x, y) => x - y)];
  let [inLeft, inRight, gap] = [0, 0, 0];
  for (const value of [...left, ...right].sort((x, y) => x - y)) {
    while (inLeft < left.length && (left[inLeft] ?? 0) <= value) inLeft += 1;
    while (inRight < right.length && (right[inRight] ?? 0) <= value) inRight += 1;
    gap = Math.max(gap, Math.abs(inLeft / left.length - inRight / right.length));
  }
  return gap;
}

/**
 * What the statistic of two samples of one distribution exceeds with a probability of one in a hundred.
 * Source: Smirnov (1948); sqrt(-ln(0.01 / 2) / 2) is 1.628.
 */
export function gapOnceInAHundred(countA: number, countB: number): number {
  return Math.sqrt(-Math.log(0.01 / 2) / 2) * Math.sqrt((countA + countB) / (countA * countB));
}

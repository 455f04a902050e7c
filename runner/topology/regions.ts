import type { Prng } from "../../node/core/support/prng.ts";
import type { LatencyModel } from "../../node/link/latency.ts";

/**
 * Six regions of the world, the shares of Bitcoin's nodes in them, and the mean one-way latency between them.
 * Source: SimBlock's tables of 2019 (Aoki, Otsuki, Kaneko, Banno, Shudo, "SimBlock: a blockchain network simulator").
 */
export const REGIONS = [
  "north-america",
  "europe",
  "south-america",
  "asia-pacific",
  "japan",
  "australia",
] as const;
export const REGION_SHARES: readonly number[] = [0.3316, 0.4998, 0.009, 0.1177, 0.0224, 0.0195];
/** Milliseconds; row sender, column receiver; symmetric. */
export const REGION_LATENCY_MS: readonly (readonly number[])[] = [
  [32, 124, 184, 198, 151, 189],
  [124, 11, 227, 237, 252, 294],
  [184, 227, 88, 325, 301, 322],
  [198, 237, 325, 85, 58, 198],
  [151, 252, 301, 58, 12, 126],
  [189, 294, 322, 198, 126, 16],
];

/**
 * The region of each node: counts as near to the shares as whole nodes allow (largest remainders; the earlier region
 * among equals), in random order.
 */
export function assignRegions(nodeCount: number, prng: Prng): Int32Array {
  const quotas = REGION_SHARES.map((share) => share * nodeCount);
  const counts = quotas.map(Math.floor);
  const byRemainder = quotas
    .map((quota, region) => ({ region, remainder: quota - Math.floor(quota) }))
    .sort((x, y) => y.remainder - x.remainder || x.region - y.region);
  const missing = nodeCount - counts.reduce((sum, count) => sum + count, 0);
  for (const { region } of byRemainder.slice(0, missing)) counts[region] = (counts[region] ?? 0) + 1;
  return prng.shuffle(
    Int32Array.from(counts.flatMap((count, region) => new Array<number>(count).fill(region))),
  );
}

/** For each pair of regions one lognormal model whose mean is the table's; shared by all links of the pair. */
export function regionLatencies(sigma: number): LatencyModel[][] {
  return REGION_LATENCY_MS.map((row) =>
    row.map((meanMs) => ({
      kind: "lognormal",
      // The mean of a lognormal is median e^(sigma^2 / 2).
      medianUs: Math.round(meanMs * 1000 * Math.exp(-(sigma ** 2) / 2)),
      sigma,
    })),
  );
}

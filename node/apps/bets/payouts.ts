import type { Coins } from "../../core/chain/types.ts";

/**
 * Shares a pot among winners in proportion to their stakes, to the last coin: each gets the whole part of its share, and what is left goes, a coin
 * each, to the largest remainders; of equal ones to the earlier stake. Stakes are above 0; the payouts, in their order, add up to the pot.
 * Source: the largest remainder method (Hamilton, 1792).
 */
export function sharePot(pot: Coins, stakes: readonly Coins[]): Coins[] {
  const sum = stakes.reduce((total, stake) => total + stake, 0n);
  const payouts = stakes.map((stake) => (pot * stake) / sum);
  const left = pot - payouts.reduce((total, payout) => total + payout, 0n);
  const byRemainder = stakes
    .map((stake, index) => ({ index, remainder: (pot * stake) % sum }))
    .sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1));
  for (const { index } of byRemainder.slice(0, Number(left))) payouts[index] = (payouts[index] ?? 0n) + 1n;
  return payouts;
}

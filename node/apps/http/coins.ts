import type { NodeContext } from "../../adapters/http/node-context.ts";
import type { Coins } from "../../core/chain/types.ts";

/** Digits behind the point of an amount: more than a double has, so that each of its values is found again. */
const FRACTION_DIGITS = 20n;

/** Smallest units of one coin as the clients count them: what a block rewards its finder with, 1 where that is nothing. */
export function unitOf({ host }: NodeContext): Coins {
  const { blockReward } = host.machine.tree.parameters;
  return blockReward > 0n ? blockReward : 1n;
}

/** An amount of coins in smallest units; null if it is not above 0, or no whole number of them, or more than there can be. */
export function toUnits(coins: number, unit: Coins): Coins | null {
  const match = /^(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(coins));
  if (match === null) return null;
  const [, whole = "", fraction = "", exponent = "0"] = match;
  const scale = Number(exponent) - fraction.length;
  const digits = BigInt(whole + fraction) * unit;
  const amount = scale >= 0 ? digits * 10n ** BigInt(scale) : dividedExactly(digits, 10n ** BigInt(-scale));
  return amount !== null && amount > 0n && amount < 2n ** 64n ? amount : null;
}

/** The same back, as the nearest number: exactly what `toUnits` was given. */
export function toCoins(amount: Coins, unit: Coins): number {
  const fraction = ((amount % unit) * 10n ** FRACTION_DIGITS) / unit;
  return Number(`${amount / unit}.${fraction.toString().padStart(Number(FRACTION_DIGITS), "0")}`);
}

function dividedExactly(dividend: bigint, divisor: bigint): bigint | null {
  return dividend % divisor === 0n ? dividend / divisor : null;
}

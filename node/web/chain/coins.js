/** Digits behind the point that are looked at; more than a unit of 2^64 can need. */
const DECIMALS_MAX = 20;

/**
 * Coins as people write them, `1.5`, in smallest units: a coin is the reward of a block, or one unit where blocks reward nobody. Throws, in words, for
 * what is no number and for parts of a unit.
 * @param {string} text
 * @param {string} blockReward In smallest units.
 */
export function unitsOf(text, blockReward) {
  const [, whole = "", decimals = ""] = /^(\d{1,19})(?:[.](\d+))?$/.exec(text.trim()) ?? [];
  if (whole === "" || decimals.length > DECIMALS_MAX)
    throw new Error("An amount of coins is a number such as 3 or 1.5.");
  const coin = BigInt(blockReward) === 0n ? 1n : BigInt(blockReward);
  const scale = 10n ** BigInt(decimals.length);
  const units = BigInt(whole + decimals) * coin;
  if (units % scale !== 0n)
    throw new Error(`A coin has ${coin} units, and ${text} coins are no whole number of them.`);
  return units / scale;
}

import { invariant } from "../../node/core/support/invariant.ts";
import type { Prng } from "../../node/core/support/prng.ts";

export function chance(prng: Prng, probability: number): boolean {
  return prng.uniform() < probability;
}

/** Whole, from `least` to `most`, both included. */
export function between(prng: Prng, least: number, most: number): number {
  return least + prng.integer(most - least + 1);
}

/** Whole, from 0 to below `end`, which may be more than 32 bits hold. */
export function below(prng: Prng, end: number): number {
  return Math.floor(prng.uniform() * end);
}

export function pick<T>(prng: Prng, items: readonly T[]): T {
  invariant(items.length > 0, "nothing to pick from");
  return items[prng.integer(items.length)] as T;
}

/** Each item with this probability, in order; at least one. */
export function pickSome<T>(prng: Prng, items: readonly T[], probability: number): T[] {
  const some = items.filter(() => chance(prng, probability));
  return some.length > 0 ? some : [pick(prng, items)];
}

import type { Coins, Hex } from "../chain/types.ts";

/**
 * Everything that two nodes must agree on to be on one chain. Genesis follows from it (`genesis.ts`), so a node of
 * other parameters has another genesis hash and is refused at the first contact.
 */
export interface ChainParameters {
  /** Tells experiments apart that agree in all else. */
  readonly name: string;
  /** `hash`: a block's hash meets its target. `drawn`: its time was drawn from the distribution that hashing gives. */
  readonly seal: "hash" | "drawn";
  /** Compact form of the first target. */
  readonly initialCompactTarget: number;
  readonly difficultyRule: DifficultyRule;
  readonly genesisTimeMs: number;
  /** Balances before the first block, in any order; no account twice. */
  readonly allocations: readonly Allocation[];
  readonly blockReward: Coins;
  /** Bound of a block's canonical bytes, header included. */
  readonly blockBytesMax: number;
  /** How far ahead of a receiver's clock a header may claim to be. */
  readonly futureLimitMs: number;
}

export interface Allocation {
  readonly account: Hex;
  readonly amount: Coins;
}

/** `bitcoin`: after each `periodBlocks` the target follows the time they took, within a factor of 4. */
export type DifficultyRule =
  | { readonly kind: "fixed" }
  | { readonly kind: "bitcoin"; readonly periodBlocks: number; readonly blockIntervalMs: number };

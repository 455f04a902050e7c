import { compactFromDifficulty } from "./core/chain/target.ts";
import type { ChainParameters } from "./core/rules/parameters.ts";

/**
 * The chain of a node that was told of none: real hashing, a block in about 3.3 s at the default hash rate of one node (2^16 hashes at
 * 20 kH/s), no coins but those mined.
 */
export const DEFAULT_CHAIN: ChainParameters = {
  name: "forklab",
  seal: "hash",
  initialCompactTarget: compactFromDifficulty(16),
  difficultyRule: { kind: "fixed" },
  genesisTimeMs: Date.UTC(2025, 0, 1),
  allocations: [],
  blockReward: 50_000_000n,
  blockBytesMax: 1_000_000,
  // Nodes of a laptop have one clock; two hours are Bitcoin's, for nodes that do not.
  futureLimitMs: 7_200_000,
};

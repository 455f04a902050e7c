import { ByteWriter, isUnsigned, U32_MAX, U48_MAX, U64_MAX } from "../chain/bytes.ts";
import { HEADER_VERSION } from "../chain/header-bytes.ts";
import { isHex } from "../chain/hex.ts";
import type { Sha256 } from "../chain/sha256.ts";
import { targetFromCompact } from "../chain/target.ts";
import type { Coins, Header, Hex } from "../chain/types.ts";
import { invariant } from "../support/invariant.ts";
import type { Allocation, ChainParameters, DifficultyRule } from "./parameters.ts";

/** The hash that stands for "no block": the parent of genesis, and its miner's key. */
export const ZERO_HASH: Hex = "0".repeat(64);

/**
 * The header of the first block, which follows from the parameters and is never sent. The block holds no transactions: where
 * another header has its Merkle root it has the SHA-256 of the parameters' bytes, so chains that differ in any parameter differ
 * in their first hash. No proof of work is asked of it. The parameters must have no fault (`parametersFault`).
 */
export function genesisHeader(params: ChainParameters, sha256: Sha256): Header {
  const fault = parametersFault(params);
  invariant(fault === null, fault ?? "");
  return {
    version: HEADER_VERSION,
    height: 0,
    parentHash: ZERO_HASH,
    merkleRoot: sha256(encodeParameters(params)),
    timeMs: params.genesisTimeMs,
    compactTarget: params.initialCompactTarget,
    miner: ZERO_HASH,
    nonce: 0n,
  };
}

/** Coins that exist besides fees moved around: the allocations and one reward for each block above genesis. */
export function issuedCoins(params: ChainParameters, height: number): Coins {
  const allocated = params.allocations.reduce((sum, { amount }) => sum + amount, 0n);
  return allocated + params.blockReward * BigInt(height);
}

/** Why parameters make no chain, in words, or null. For the edge where a configuration becomes parameters. */
export function parametersFault(params: ChainParameters): string | null {
  const { allocations, difficultyRule: rule } = params;
  if (!params.name.isWellFormed() || encodeName(params.name).length > NAME_BYTES_MAX)
    return `name is longer than ${NAME_BYTES_MAX} bytes or no Unicode`;
  if (targetFromCompact(params.initialCompactTarget) === null) return "initialCompactTarget states no target";
  if (!isUnsigned(params.genesisTimeMs, U48_MAX)) return "genesisTimeMs does not fit 48 bits";
  if (!isUnsigned(params.blockBytesMax, U32_MAX)) return "blockBytesMax does not fit 32 bits";
  if (!isUnsigned(params.futureLimitMs, U48_MAX)) return "futureLimitMs does not fit 48 bits";
  if (params.blockReward < 0n || params.blockReward > U64_MAX) return "blockReward does not fit 64 bits";
  if (rule.kind === "bitcoin" && !(isUnsigned(rule.periodBlocks, U32_MAX) && rule.periodBlocks >= 2))
    return "periodBlocks is below 2 or does not fit 32 bits";
  if (rule.kind === "bitcoin" && !(isUnsigned(rule.blockIntervalMs, U32_MAX) && rule.blockIntervalMs >= 1))
    return "blockIntervalMs is below 1 or does not fit 32 bits";
  return allocationsFault(allocations);
}

/**
 * The parameters as bytes, the same for parameters that mean the same: allocations in the order of their accounts. The
 * layout is in docs/chain-format.md.
 */
export function encodeParameters(params: ChainParameters): Uint8Array {
  const name = encodeName(params.name);
  const allocations = params.allocations.toSorted((a, b) => (a.account < b.account ? -1 : 1));
  const fixedBytes = DOMAIN.length + 1 + name.length + 1 + 4 + RULE_BYTES + 6 + 8 + 4 + 6 + 4;
  const writer = new ByteWriter(fixedBytes + allocations.length * ALLOCATION_BYTES);
  writer.bytes(DOMAIN);
  writer.u8(name.length);
  writer.bytes(name);
  writer.u8(SEAL_BYTE[params.seal]);
  writer.u32(params.initialCompactTarget);
  writeRule(writer, params.difficultyRule);
  writer.u48(params.genesisTimeMs);
  writer.u64(params.blockReward);
  writer.u32(params.blockBytesMax);
  writer.u48(params.futureLimitMs);
  writer.u32(allocations.length);
  for (const { account, amount } of allocations) {
    writer.hex(account, 32);
    writer.u64(amount);
  }
  return writer.finish();
}

/** Its number goes up with any change of a rule that no parameter names. */
const DOMAIN = new TextEncoder().encode("forklab chain 1\n");
const NAME_BYTES_MAX = 255;
const RULE_BYTES = 1 + 4 + 4;
const ALLOCATION_BYTES = 32 + 8;
const SEAL_BYTE = { hash: 0, drawn: 1 } as const;
const RULE_BYTE = { fixed: 0, bitcoin: 1 } as const;

function writeRule(writer: ByteWriter, rule: DifficultyRule): void {
  writer.u8(RULE_BYTE[rule.kind]);
  writer.u32(rule.kind === "bitcoin" ? rule.periodBlocks : 0);
  writer.u32(rule.kind === "bitcoin" ? rule.blockIntervalMs : 0);
}

function allocationsFault(allocations: readonly Allocation[]): string | null {
  const accounts = new Set<Hex>();
  let sum = 0n;
  for (const { account, amount } of allocations) {
    if (!isHex(account, 32)) return `account ${account} is not 32 bytes of lower-case hex`;
    if (accounts.has(account)) return `account ${account} is allocated to twice`;
    if (amount < 0n) return `account ${account} is allocated less than nothing`;
    accounts.add(account);
    sum += amount;
  }
  return sum > U64_MAX ? "allocations together exceed 64 bits" : null;
}

function encodeName(name: string): Uint8Array {
  return new TextEncoder().encode(name);
}

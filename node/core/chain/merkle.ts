import { writeHex } from "./hex.ts";
import type { Sha256 } from "./sha256.ts";
import type { Hex } from "./types.ts";

/**
 * Merkle trees as in RFC 6962, section 2.1 (the split is at the largest power of two below the number of leaves, which is
 * the same as handing an odd node up unpaired). Leaves are hashed behind a byte 0x00 and inner nodes behind 0x01, so that an
 * inner node cannot pass for a leaf; and no leaf is ever doubled, which is what let two lists of transactions have one root
 * in Bitcoin (CVE-2012-2459).
 */
export interface MerkleProof {
  /** Of the leaf, from 0. */
  readonly index: number;
  readonly leafCount: number;
  /** Hashes of the siblings, the leaf's own first; shorter than the tree is high where a node went up unpaired. */
  readonly siblings: readonly Hex[];
}

/** The root over `leaves`, each any hex (here: transaction ids). No leaves give the SHA-256 of no bytes. */
export function merkleRoot(leaves: readonly Hex[], sha256: Sha256): Hex {
  if (leaves.length === 0) return sha256(new Uint8Array(0));
  let level = leaves.map((leaf) => hashLeaf(leaf, sha256));
  while (level.length > 1) level = levelAbove(level, sha256);
  return level[0] ?? "";
}

/** Proof that the leaf at `index` is under the root of `leaves`; null if there is no such leaf. */
export function merkleProof(leaves: readonly Hex[], index: number, sha256: Sha256): MerkleProof | null {
  if (!Number.isInteger(index) || index < 0 || index >= leaves.length) return null;
  const siblings: Hex[] = [];
  let level = leaves.map((leaf) => hashLeaf(leaf, sha256));
  for (let position = index; level.length > 1; position >>>= 1) {
    const sibling = level[position ^ 1];
    if (sibling !== undefined) siblings.push(sibling);
    level = levelAbove(level, sha256);
  }
  return { index, leafCount: leaves.length, siblings };
}

/** Whether `proof` shows `leaf` at its index under `root`. False, never an error, for a proof that fits no tree. */
export function verifyMerkleProof(leaf: Hex, proof: MerkleProof, root: Hex, sha256: Sha256): boolean {
  const { index, leafCount, siblings } = proof;
  if (!Number.isInteger(index) || index < 0 || index >= leafCount || leafCount > LEAF_COUNT_MAX) return false;
  let hash = hashLeaf(leaf, sha256);
  let used = 0;
  let position = index;
  for (let width = leafCount; width > 1; width = Math.ceil(width / 2)) {
    const isUnpaired = position === width - 1 && position % 2 === 0;
    if (!isUnpaired) {
      const sibling = siblings[used];
      if (sibling === undefined) return false;
      used += 1;
      hash = position % 2 === 0 ? hashPair(hash, sibling, sha256) : hashPair(sibling, hash, sha256);
    }
    position >>>= 1;
  }
  return used === siblings.length && hash === root;
}

/** Indices stay within what bit operations hold. A block's bytes allow far fewer transactions. */
const LEAF_COUNT_MAX = 2 ** 31;

function levelAbove(level: readonly Hex[], sha256: Sha256): Hex[] {
  const above: Hex[] = [];
  for (let index = 0; index < level.length; index += 2) {
    const left = level[index] ?? "";
    const right = level[index + 1];
    above.push(right === undefined ? left : hashPair(left, right, sha256));
  }
  return above;
}

function hashLeaf(leaf: Hex, sha256: Sha256): Hex {
  const bytes = new Uint8Array(1 + leaf.length / 2);
  writeHex(leaf, bytes, 1);
  return sha256(bytes);
}

function hashPair(left: Hex, right: Hex, sha256: Sha256): Hex {
  const bytes = new Uint8Array(65);
  bytes[0] = 1;
  writeHex(left, bytes, 1);
  writeHex(right, bytes, 33);
  return sha256(bytes);
}

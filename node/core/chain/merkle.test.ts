import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { sha256 } from "../../../test/support/chain-fixtures.ts";
import { merkleProof, merkleRoot, verifyMerkleProof } from "./merkle.ts";

/** The test tree of Certificate Transparency and its roots for the first 1 to 8 leaves. */
const CT_LEAVES = [
  "",
  "00",
  "10",
  "2021",
  "3031",
  "40414243",
  "5051525354555657",
  "606162636465666768696a6b6c6d6e6f",
];
const CT_ROOTS = [
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

const hashOf = (...parts: Buffer[]): Buffer => createHash("sha256").update(Buffer.concat(parts)).digest();

/** RFC 6962 section 2.1, as it is written there. */
function definedRoot(leaves: readonly Buffer[]): Buffer {
  const [only] = leaves;
  if (only === undefined) return hashOf();
  if (leaves.length === 1) return hashOf(Buffer.of(0), only);
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return hashOf(Buffer.of(1), definedRoot(leaves.slice(0, split)), definedRoot(leaves.slice(split)));
}

const someLeaves = (count: number) =>
  Array.from({ length: count }, (_, index) => hashOf(Buffer.from(`leaf ${index}`)).toString("hex"));

test("roots are those of the published test tree", () => {
  for (const [index, root] of CT_ROOTS.entries())
    expect(merkleRoot(CT_LEAVES.slice(0, index + 1), sha256)).toBe(root);
});

test("no leaves have the hash of nothing as their root", () => {
  expect(merkleRoot([], sha256)).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
});

test("roots of 0 to 70 leaves are those of the definition", () => {
  for (let count = 0; count <= 70; count += 1) {
    const leaves = someLeaves(count);
    const expected = definedRoot(leaves.map((leaf) => Buffer.from(leaf, "hex"))).toString("hex");
    expect(merkleRoot(leaves, sha256)).toBe(expected);
  }
});

test("each leaf of each tree has a proof that holds for it, and for no other leaf, index or count", () => {
  for (let count = 1; count <= 20; count += 1) {
    const leaves = someLeaves(count);
    const root = merkleRoot(leaves, sha256);
    for (const [index, leaf] of leaves.entries()) {
      const proof = merkleProof(leaves, index, sha256);
      if (proof === null) throw new Error("no proof");
      expect(verifyMerkleProof(leaf, proof, root, sha256)).toBe(true);
      expect(verifyMerkleProof("ff".repeat(32), proof, root, sha256)).toBe(false);
      expect(verifyMerkleProof(leaf, { ...proof, index: index + 1 }, root, sha256)).toBe(false);
      expect(verifyMerkleProof(leaf, { ...proof, leafCount: count * 2 + 1 }, root, sha256)).toBe(false);
      expect(verifyMerkleProof(leaf, { ...proof, siblings: [...proof.siblings, root] }, root, sha256)).toBe(
        false,
      );
      if (count > 1)
        expect(verifyMerkleProof(leaf, { ...proof, siblings: proof.siblings.slice(1) }, root, sha256)).toBe(
          false,
        );
    }
  }
});

test("there is no proof for a leaf that is not there", () => {
  expect(merkleProof([], 0, sha256)).toBeNull();
  expect(merkleProof(someLeaves(3), 3, sha256)).toBeNull();
  expect(merkleProof(someLeaves(3), -1, sha256)).toBeNull();
  expect(merkleProof(someLeaves(3), 0.5, sha256)).toBeNull();
});

test("doubling the last leaves changes the root, as it does not in Bitcoin", () => {
  for (let count = 1; count <= 12; count += 1) {
    const leaves = someLeaves(count);
    for (let doubled = 1; doubled <= count; doubled += 1)
      expect(merkleRoot([...leaves, ...leaves.slice(-doubled)], sha256)).not.toBe(merkleRoot(leaves, sha256));
  }
});

test("an inner node does not pass for a leaf", () => {
  const leaves = someLeaves(4);
  const [a = "", b = "", c = "", d = ""] = leaves.map((leaf) =>
    hashOf(Buffer.of(0), Buffer.from(leaf, "hex")).toString("hex"),
  );
  // The two nodes above the leaves, and the concatenations that they hash, tried as leaves of a smaller tree.
  const inner = [a + b, c + d];
  const hashed = inner.map((pair) => hashOf(Buffer.of(1), Buffer.from(pair, "hex")).toString("hex"));
  const root = merkleRoot(leaves, sha256);
  expect(merkleRoot(inner, sha256)).not.toBe(root);
  expect(merkleRoot(hashed, sha256)).not.toBe(root);
});

test("different lists have different roots", () => {
  const aList = fc.array(fc.constantFrom(...someLeaves(3)), { maxLength: 8 });
  fc.assert(
    fc.property(aList, aList, (left, right) => {
      const isSame = left.join() === right.join();
      expect(merkleRoot(left, sha256) === merkleRoot(right, sha256)).toBe(isSame);
    }),
  );
});

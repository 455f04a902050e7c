import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { merkleProof, merkleRoot } from "../../core/chain/merkle.ts";
import { climb } from "./merkle-path.js";

/** The core's tree, with Node.js's hashes, is the oracle; WebCrypto hashes here. */
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const id = (text: string) => sha256(Buffer.from(text));

test("every leaf of trees of 1 to 17 climbs to the core's root, in the steps that the tree has", async () => {
  for (let leafCount = 1; leafCount <= 17; leafCount += 1) {
    const leaves = Array.from({ length: leafCount }, (_, index) => id(`leaf ${index}`));
    for (const [index, leaf] of leaves.entries()) {
      const proof = merkleProof(leaves, index, sha256);
      if (proof === null) throw new Error("no proof of a leaf");
      const way = await climb(leaf, { ...proof, siblings: [...proof.siblings] });
      expect(way?.root).toBe(merkleRoot(leaves, sha256));
      expect(way?.steps.length).toBe(1 + Math.ceil(Math.log2(leafCount)));
    }
  }
});

test("a proof that was touched leads elsewhere, or nowhere", async () => {
  const leaves = ["a", "b", "c", "d", "e"].map(id);
  const root = merkleRoot(leaves, sha256);
  const proof = merkleProof(leaves, 2, sha256);
  if (proof === null) throw new Error("no proof of a leaf");
  const siblings = [...proof.siblings];
  const way = async (change: object, leaf = leaves[2] ?? "") =>
    (await climb(leaf, { ...proof, siblings, ...change }))?.root ?? null;
  expect(await way({})).toBe(root);
  expect(await way({}, id("another"))).not.toBe(root);
  expect(await way({ index: 3 })).not.toBe(root);
  expect(await way({ siblings: siblings.toReversed() })).not.toBe(root);
  expect(await way({ siblings: siblings.slice(1) })).toBeNull();
  expect(await way({ siblings: [...siblings, root] })).toBeNull();
  expect(await way({ index: 5 })).toBeNull();
  expect(await way({ index: -1 })).toBeNull();
  expect(await way({ index: 0.5 })).toBeNull();
  expect(await way({ leafCount: 2 ** 40 })).toBeNull();
});

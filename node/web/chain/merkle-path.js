import { bytesOfHex, sha256 } from "./hex.js";

/** @import { Proof } from "../types.js" */

const LEAF = new Uint8Array([0]);
const INNER = new Uint8Array([1]);

/** Indices stay within what bit operations hold. */
const LEAF_COUNT_MAX = 2 ** 31;

/**
 * @typedef {object} Step One hash on the way from a leaf to the root.
 * @property {"leaf" | "pair" | "alone"} kind `alone`: without a partner, a node goes up as it is.
 * @property {string | null} left
 * @property {string | null} right
 * @property {"left" | "right" | null} sibling Which of the two the proof gave.
 * @property {string} hash What came out.
 */

/**
 * The way from a transaction's id up to the root that the proof leads to, as docs/chain-format.md defines the tree. Null for a proof that fits no tree.
 * @param {string} id
 * @param {Pick<Proof, "index" | "leafCount" | "siblings">} proof
 * @returns {Promise<{ steps: Step[], root: string } | null>}
 */
export async function climb(id, { index, leafCount, siblings }) {
  if (!Number.isInteger(index) || index < 0 || index >= leafCount || leafCount > LEAF_COUNT_MAX) return null;
  let hash = await sha256(LEAF, bytesOfHex(id));
  /** @type {Step[]} */
  const steps = [{ kind: "leaf", left: id, right: null, sibling: null, hash }];
  let used = 0;
  let position = index;
  for (let width = leafCount; width > 1; width = Math.ceil(width / 2)) {
    const isRight = position % 2 === 1;
    if (!isRight && position === width - 1) {
      steps.push({ kind: "alone", left: hash, right: null, sibling: null, hash });
    } else {
      const sibling = siblings[used];
      if (sibling === undefined) return null;
      used += 1;
      const [left, right] = isRight ? [sibling, hash] : [hash, sibling];
      hash = await sha256(INNER, bytesOfHex(left), bytesOfHex(right));
      steps.push({ kind: "pair", left, right, sibling: isRight ? "left" : "right", hash });
    }
    position >>>= 1;
  }
  return used === siblings.length ? { steps, root: hash } : null;
}

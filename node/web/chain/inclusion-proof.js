import { headerBytes } from "./header-bytes.js";
import { sha256 } from "./hex.js";
import { climb } from "./merkle-path.js";
import { meetsTarget } from "./target.js";

/** @import { Found, Header } from "../types.js" */
/** @import { Step } from "./merkle-path.js" */

/**
 * @typedef {object} Check What was looked at, and what came of it.
 * @property {string} text
 * @property {boolean} holds
 */

/**
 * @typedef {object} Verified
 * @property {boolean} holds All checks do.
 * @property {readonly Step[]} steps
 * @property {readonly Check[]} checks
 */

/**
 * Checks with nothing but hashes that a block's header commits to a transaction: the node's word is taken for nothing but which header is on the chain.
 * @param {string} id The transaction's.
 * @param {Found["proof"]} proof
 * @param {Header} header Of the block that it is said to be in.
 * @param {"hash" | "drawn"} seal Drawn blocks have no work to show.
 * @returns {Promise<Verified>}
 */
export async function verifyInclusion(id, proof, header, seal) {
  const way = proof === null ? null : await climb(id, proof);
  const hash = await sha256(headerBytes(header));
  const checks = [
    { text: "The proof has the shape of a way through the block’s tree.", holds: way !== null },
    { text: "Its hashes end in the Merkle root of the header.", holds: way?.root === header.merkleRoot },
    { text: "The SHA-256 of the header’s 119 bytes is the block’s hash.", holds: hash === header.hash },
  ];
  if (seal === "hash")
    checks.push({
      text: "That hash meets the target: the work was done.",
      holds: meetsTarget(hash, header.compactTarget),
    });
  return { holds: checks.every(({ holds }) => holds), steps: way?.steps ?? [], checks };
}

import { hash } from "node:crypto";
import { workerData } from "node:worker_threads";
import { HEADER_BYTES, NONCE_OFFSET } from "../node/core/chain/header-bytes.ts";

/** A thread of the bench that hashes a whole header for each nonce with the library of Node.js, as simple miners do. */
const { tried } = workerData as { readonly tried: BigInt64Array };

/** Between two notes of how many were tried. */
const BATCH_COUNT = 2_000;

const bytes = new Uint8Array(HEADER_BYTES).fill(1);
const view = new DataView(bytes.buffer);
const target = "0".repeat(64);
for (let nonce = 0n; ; ) {
  for (let count = 0; count < BATCH_COUNT; count += 1, nonce += 1n) {
    view.setBigUint64(NONCE_OFFSET, nonce);
    // Hex of equal length compares as the numbers do, and costs a third of what a buffer does.
    if (hash("sha256", bytes, "hex") <= target) throw new Error("a hash of zeros");
  }
  Atomics.add(tried, 0, BigInt(BATCH_COUNT));
}

import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { encodeHeader } from "../../core/chain/header-bytes.ts";
import { merkleProof, merkleRoot } from "../../core/chain/merkle.ts";
import { targetFromCompact } from "../../core/chain/target.ts";
import { headerBytes } from "./header-bytes.js";
import { verifyInclusion } from "./inclusion-proof.js";
import { meetsTarget, targetOf } from "./target.js";

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** A header of a block whose transactions these are, as the API tells it; any hash meets its target. */
function aHeader(ids: string[], compactTarget = 0x2100ffff) {
  const fields = {
    version: 1,
    height: 42,
    parentHash: "01".repeat(32),
    merkleRoot: merkleRoot(ids, sha256),
    timeMs: 1_700_000_000_123,
    compactTarget,
    miner: "ab".repeat(32),
  };
  const hash = sha256(encodeHeader({ ...fields, nonce: 2n ** 63n + 5n }));
  const told = { sizeBytes: 0, work: "1", chainWork: "1", difficulty: 0, transactionCount: ids.length };
  return { ...fields, ...told, hash, nonce: String(2n ** 63n + 5n) };
}

const ids = ["a", "b", "c"].map((text) => sha256(Buffer.from(text)));
const proofOf = (index: number) => {
  const proof = merkleProof(ids, index, sha256);
  if (proof === null) throw new Error("no proof of a leaf");
  return { ...proof, siblings: [...proof.siblings], merkleRoot: merkleRoot(ids, sha256) };
};

test("the header of the worked example of docs/chain-format.md has its hash", () => {
  const row = (from: number) =>
    Array.from({ length: 32 }, (_, index) => (from + index).toString(16).padStart(2, "0")).join("");
  const bytes = headerBytes({
    version: 1,
    height: 42,
    parentHash: row(0),
    merkleRoot: row(0x20),
    timeMs: 1_700_000_000_123,
    compactTarget: 0x1f00ffff,
    miner: row(0x40),
    nonce: String(0x0123456789abcdefn),
  });
  expect(sha256(bytes)).toBe("831f23de5c9f04f9b87b33f5dc4d6bbd8f7efd401e52ca96314f8f96760b7f3a");
});

test("a transaction of a block is proved, and every part that is false is told", async () => {
  const header = aHeader(ids);
  const holds = async (...change: Partial<Parameters<typeof verifyInclusion>>) => {
    const [id = ids[1] ?? "", proof = proofOf(1), head = header, seal = "hash" as const] = change;
    const { checks } = await verifyInclusion(id, proof, head, seal);
    return checks.map((check) => (check.holds ? "+" : "-")).join("");
  };
  expect(await holds()).toBe("++++");
  expect(await holds(undefined, undefined, undefined, "drawn")).toBe("+++");
  expect(await holds(ids[2])).toBe("+-++");
  expect(await holds(undefined, null)).toBe("--++");
  expect(await holds(undefined, { ...proofOf(1), siblings: [] })).toBe("--++");
  expect(await holds(undefined, undefined, { ...header, timeMs: header.timeMs + 1 })).toBe("++-+");
  expect(await holds(undefined, undefined, aHeader(ids, 0x0300ffff))).toBe("+++-");
});

test("targets are the core's", () => {
  for (const compact of [0x1f00ffff, 0x2100ffff, 0x1d00ffff, 0x207fffff, 0x03123456, 0x02123456, 0x01120000])
    expect(targetOf(compact)).toBe(targetFromCompact(compact));
  const target = targetOf(0x1f00ffff);
  const hex = (value: bigint) => value.toString(16).padStart(64, "0");
  expect(meetsTarget(hex(target), 0x1f00ffff)).toBe(true);
  expect(meetsTarget(hex(target + 1n), 0x1f00ffff)).toBe(false);
});

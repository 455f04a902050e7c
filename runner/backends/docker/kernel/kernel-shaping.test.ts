import { expect, test } from "vitest";
import type { LinkConditions } from "../../../../node/link/link-conditions.ts";
import { leftToNode } from "./kernel-shaping.ts";

test("a node whose links the kernel shapes adds nothing of its own, and makes the cuts that no network does", () => {
  const shaped = { latency: { kind: "exponential", meanUs: 40_000 }, lossRatio: 0.1 } as const;
  const plain = { latency: { kind: "constant", delayUs: 0 }, lossRatio: 0 } as const;
  const conditions: LinkConditions = {
    seed: "7",
    default: { ...shaped, cut: false },
    links: { "node-1": { ...shaped, cut: true }, "node-2": { ...shaped, cut: false } },
    uplinkBitsPerSec: 1_000_000,
    blockPaddingBytes: 0,
  };
  expect(leftToNode(conditions)).toEqual({
    seed: "7",
    default: { ...plain, cut: false },
    links: { "node-1": { ...plain, cut: true }, "node-2": { ...plain, cut: false } },
    uplinkBitsPerSec: null,
    blockPaddingBytes: 0,
  });
});

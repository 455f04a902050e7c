import { expect, test } from "vitest";
import { aChain, aHeader, genesisOf, positionOf, sha256 } from "../../../test/support/chain-fixtures.ts";
import { hashHeader } from "../chain/header-bytes.ts";
import type { Header } from "../chain/types.ts";
import { checkFuture, checkHeader } from "./check-header.ts";

const params = aChain();
const genesis = genesisOf(params);

function check(overrides: Partial<Header>, chain = params) {
  const parent = genesisOf(chain);
  const header = aHeader(parent, chain, [], overrides);
  return checkHeader(header, hashHeader(header, sha256), parent, chain);
}

test("a valid header breaks no rule", () => {
  expect(check({})).toBeNull();
});

test("bad-parent: the header names another parent", () => {
  expect(check({ parentHash: "11".repeat(32) })).toEqual({ code: "bad-parent", parentHash: "11".repeat(32) });
});

test("bad-version", () => {
  expect(check({ version: 2 })).toEqual({ code: "bad-version", version: 2 });
});

test.each([0, 2])("bad-height: %i on top of genesis", (height) => {
  expect(check({ height })).toEqual({ code: "bad-height", height, expectedHeight: 1 });
});

test("bad-target: an easier target than the rule's", () => {
  const expectedCompactTarget = params.initialCompactTarget;
  expect(check({ compactTarget: 0x2100ffff })).toEqual({
    code: "bad-target",
    compactTarget: 0x2100ffff,
    expectedCompactTarget,
  });
});

test("high-hash: a header that was not mined, where blocks are", () => {
  const mined = aChain({ seal: "hash" });
  const nonces = Array.from({ length: 4_000 }, (_, nonce) => BigInt(nonce));
  const codes = nonces.map((nonce) => check({ nonce }, mined)?.code ?? null);
  expect(new Set(codes)).toEqual(new Set(["high-hash", null]));
  // Eight bits: a hash in 256 passes, 15.6 of 4,000 with a standard deviation of 3.9.
  const passed = codes.filter((code) => code === null).length;
  expect(Math.abs(passed - 15.6)).toBeLessThan(5 * 3.9);
  for (const nonce of nonces) {
    const header = aHeader(genesisOf(mined), mined, [], { nonce });
    // Of eight leading zero bits, or the target itself, which no hash of these is.
    expect(check({ nonce }, mined) === null).toBe(hashHeader(header, sha256).startsWith("00"));
  }
});

test("no proof of work is asked for where the time to a block was drawn", () => {
  for (let nonce = 0n; nonce < 50n; nonce += 1n) expect(check({ nonce })).toBeNull();
});

test("time-too-old: not later than the median of the eleven before", () => {
  let tip = genesis;
  for (let block = 0; block < 11; block += 1) tip = positionOf(aHeader(tip, params), tip);
  const medianTimePastMs = params.genesisTimeMs + 6_000;
  const at = (timeMs: number) => {
    const header = aHeader(tip, params, [], { timeMs });
    return checkHeader(header, hashHeader(header, sha256), tip, params);
  };
  expect(at(medianTimePastMs)).toEqual({ code: "time-too-old", timeMs: medianTimePastMs, medianTimePastMs });
  // Earlier than the parent, and allowed: clocks differ.
  expect(at(medianTimePastMs + 1)).toBeNull();
});

test("time-too-new: beyond the limit of the receiver's clock, and fine once that clock has gone on", () => {
  const header = aHeader(genesis, params, [], { timeMs: 10_000_001 });
  expect(checkFuture(header, 2_800_000, params)).toEqual({
    code: "time-too-new",
    timeMs: 10_000_001,
    limitMs: 10_000_000,
  });
  expect(checkFuture(header, 2_800_001, params)).toBeNull();
});

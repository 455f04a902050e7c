import fc from "fast-check";
import { expect, test } from "vitest";
import { aChain, alice, bob, sha256 } from "../../../test/support/chain-fixtures.ts";
import { hashHeader } from "../chain/header-bytes.ts";
import { encodeParameters, genesisHeader, issuedCoins, parametersFault } from "./genesis.ts";
import type { ChainParameters } from "./parameters.ts";

const genesisHash = (params: ChainParameters) => hashHeader(genesisHeader(params, sha256), sha256);

test("the order of the allocations does not matter", () => {
  const params = aChain();
  const reversed = aChain({ allocations: params.allocations.toReversed() });
  expect(genesisHash(reversed)).toBe(genesisHash(params));
});

test.each<[string, Partial<ChainParameters>]>([
  ["name", { name: "other" }],
  ["seal", { seal: "hash" }],
  ["initialCompactTarget", { initialCompactTarget: 0x1f00ffff }],
  ["difficultyRule", { difficultyRule: { kind: "bitcoin", periodBlocks: 10, blockIntervalMs: 1_000 } }],
  ["genesisTimeMs", { genesisTimeMs: 1 }],
  ["allocations", { allocations: [] }],
  ["blockReward", { blockReward: 51n }],
  ["blockBytesMax", { blockBytesMax: 10_001 }],
  ["futureLimitMs", { futureLimitMs: 7_200_001 }],
])("a chain with another %s has another genesis", (_, overrides) => {
  expect(genesisHash(aChain(overrides))).not.toBe(genesisHash(aChain()));
});

test("no two different parameters have the same bytes", () => {
  const someParameters = fc.record({
    name: fc.string({ maxLength: 3 }),
    seal: fc.constantFrom("hash" as const, "drawn" as const),
    blockReward: fc.bigInt({ min: 0n, max: 300n }),
    allocations: fc.uniqueArray(
      fc.record({
        account: fc.constantFrom(alice.publicKey, bob.publicKey),
        amount: fc.bigInt({ min: 0n, max: 2n }),
      }),
      { selector: ({ account }) => account, maxLength: 2 },
    ),
  });
  const text = ({ allocations, ...params }: ChainParameters) => {
    const sorted = allocations.map(({ account, amount }) => `${account}:${amount}`).sort();
    return JSON.stringify([params.name, params.seal, String(params.blockReward), sorted]);
  };
  fc.assert(
    fc.property(someParameters, someParameters, (one, other) => {
      const [a, b] = [aChain(one), aChain(other)];
      expect(Buffer.from(encodeParameters(a)).equals(encodeParameters(b))).toBe(text(a) === text(b));
    }),
  );
});

test("genesis stands at height 0 with nothing before it", () => {
  const header = genesisHeader(aChain(), sha256);
  expect(header).toMatchObject({
    height: 0,
    parentHash: "0".repeat(64),
    nonce: 0n,
    timeMs: 1_700_000_000_000,
  });
});

test("the coins issued are the allocations and a reward a block", () => {
  expect(issuedCoins(aChain(), 0)).toBe(1_500n);
  expect(issuedCoins(aChain(), 7)).toBe(1_850n);
});

test.each<[string, Partial<ChainParameters>]>([
  ["a name too long", { name: "x".repeat(256) }],
  ["a target that is none", { initialCompactTarget: 0 }],
  ["a time before 1970", { genesisTimeMs: -1 }],
  ["a fraction of a byte", { blockBytesMax: 0.5 }],
  ["an endless future limit", { futureLimitMs: Number.POSITIVE_INFINITY }],
  ["a negative reward", { blockReward: -1n }],
  ["a period of one block", { difficultyRule: { kind: "bitcoin", periodBlocks: 1, blockIntervalMs: 1_000 } }],
  ["no interval", { difficultyRule: { kind: "bitcoin", periodBlocks: 2, blockIntervalMs: 0 } }],
  ["an account that is no key", { allocations: [{ account: "alice", amount: 1n }] }],
  ["a negative allocation", { allocations: [{ account: alice.publicKey, amount: -1n }] }],
  ["more coins than 64 bits count", { allocations: [{ account: alice.publicKey, amount: 2n ** 64n }] }],
  [
    "an account twice",
    {
      allocations: [
        { account: alice.publicKey, amount: 1n },
        { account: alice.publicKey, amount: 2n },
      ],
    },
  ],
])("%s makes no chain", (_, overrides) => {
  expect(parametersFault(aChain(overrides))).not.toBeNull();
  expect(() => genesisHeader(aChain(overrides), sha256)).toThrow();
  expect(parametersFault(aChain())).toBeNull();
});

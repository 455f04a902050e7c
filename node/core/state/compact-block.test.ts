import fc from "fast-check";
import { expect, test } from "vitest";
import type { TransactionFacts } from "../chain/transaction-facts.ts";
import type { Hex } from "../chain/types.ts";
import { fillSlots, likelyLacked, PREFILLED_BYTES_MAX, ShortIds } from "./compact-block.ts";

const hexOf = (bytes: Uint8Array): Hex => Buffer.from(bytes).toString("hex");
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(hexOf);

/** Only the id matters here. */
function named(id: Hex): TransactionFacts {
  return { id } as TransactionFacts;
}

const coinbase = [{ position: 0, facts: named("coinbase") }];

test("a short id has 48 bits, follows from block and transaction, and differs from block to block", () => {
  const [block, other, id] = ["ab".repeat(32), "cd".repeat(32), "12".repeat(32)] as const;
  const shortId = new ShortIds(block).of(id);
  expect(shortId).toBeLessThan(2 ** 48);
  expect(new ShortIds(block).of(id)).toBe(shortId);
  expect(new ShortIds(other).of(id)).not.toBe(shortId);
});

test("what comes whole stands at its place, and the short ids are of the others in their order", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(hash, { minLength: 1, maxLength: 20 }),
      fc.array(fc.boolean()),
      hash,
      (ids, whole, block) => {
        const keyed = new ShortIds(block);
        const isWhole = (index: number) => index === 0 || whole[index] === true;
        const prefilled = ids.flatMap((id, position) =>
          isWhole(position) ? [{ position, facts: named(id) }] : [],
        );
        const others = ids.filter((_, index) => !isWhole(index));
        const slots = fillSlots(
          others.map((id) => keyed.of(id)),
          prefilled,
          others.toSorted().map(named),
          (id) => keyed.of(id),
        );
        expect(slots?.map((facts) => facts?.id)).toEqual(ids);
      },
    ),
  );
});

test("what has not spread will be lacking elsewhere, unless it is too much to send", () => {
  const sized = (id: Hex, sizeBytes: number) => ({ id, sizeBytes }) as TransactionFacts;
  const third = Math.floor(PREFILLED_BYTES_MAX / 3);
  const block = ["coinbase", "a", "b", "c", "d"].map((id) => sized(id, third));
  const lackedBy = (...ids: Hex[]) => likelyLacked(block, (id) => ids.includes(id));
  expect(lackedBy("a", "b", "c", "d")).toEqual([]);
  expect(lackedBy("b", "d", "x")).toEqual([1, 3]);
  expect(lackedBy("b")).toEqual([1, 3, 4]);
  expect(lackedBy()).toEqual([]);
});

test("whatever is known is put where it belongs, whatever else is known, and the rest is lacking", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(hash, { maxLength: 30 }),
      fc.array(fc.boolean()),
      hash,
      (ids, known, block) => {
        const [own, others] = [ids.slice(0, 20), ids.slice(20)];
        const keyed = new ShortIds(block);
        const held = own.filter((_, index) => known[index] === true);
        const mempool = [...others, ...held].sort().map(named);
        const shortIds = own.map((id) => keyed.of(id));
        const slots = fillSlots(shortIds, coinbase, mempool, (id) => keyed.of(id));
        const expected = own.map((id) => (held.includes(id) ? id : null));
        expect(slots?.map((facts) => facts?.id ?? null)).toEqual(["coinbase", ...expected]);
      },
    ),
  );
});

/** Short ids of four bits: collisions are the rule. */
const colliding = (id: Hex) => Number.parseInt(id.slice(-1), 16);

test("with short ids that collide every slot holds one that fits or none, and never one of two that fit", () => {
  const ids = fc.uniqueArray(hash, { maxLength: 12 });
  fc.assert(
    fc.property(ids, ids, (own, mempool) => {
      const shortIds = own.map(colliding);
      const slots = fillSlots(shortIds, coinbase, mempool.map(named), colliding);
      if (new Set(shortIds).size < shortIds.length) return void expect(slots).toBeNull();
      for (const [index, facts] of (slots ?? []).slice(1).entries()) {
        const fitting = mempool.filter((id) => colliding(id) === shortIds[index]);
        expect(facts?.id ?? null).toBe(fitting.length === 1 ? fitting[0] : null);
      }
    }),
  );
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { AccountIndex, AccountMap } from "./account-map.ts";

test("accounts are numbered in the order in which they come, each once", () => {
  const index = new AccountIndex();
  expect([index.findOrAdd("a"), index.findOrAdd("b"), index.findOrAdd("a")]).toEqual([0, 1, 0]);
  expect(index.find("b")).toBe(1);
  expect(index.find("c")).toBeUndefined();
  expect(index.accounts).toEqual(["a", "b"]);
});

test("each version of a map holds what a plain Map held at that moment, whatever was done to others", () => {
  const anIndex = fc.oneof(fc.nat(40), fc.nat(300), fc.nat(70_000));
  const steps = fc.array(
    fc.record({ from: fc.nat(), index: anIndex, value: fc.option(fc.nat(), { nil: undefined }) }),
  );
  fc.assert(
    fc.property(steps, (list) => {
      const versions = [{ map: AccountMap.empty<number>(), model: new Map<number, number>() }];
      for (const { from, index, value } of list) {
        const base = versions[from % versions.length];
        if (base === undefined) continue;
        const model = new Map(base.model);
        if (value === undefined) model.delete(index);
        else model.set(index, value);
        versions.push({ map: base.map.with(index, value), model });
      }
      const indices = new Set([
        ...list.map(({ index }) => index),
        0,
        15,
        16,
        255,
        256,
        4_096,
        65_536,
        2 ** 31,
      ]);
      for (const { map, model } of versions)
        for (const index of indices) expect(map.get(index)).toBe(model.get(index));
    }),
  );
});

test("a map of a hundred thousand entries holds each of them", () => {
  let map = AccountMap.empty<number>();
  for (let index = 0; index < 100_000; index += 1) map = map.with(index, index * 3);
  for (let index = 0; index < 100_000; index += 1)
    if (map.get(index) !== index * 3) expect.fail(`entry ${index}`);
  expect(map.get(100_000)).toBeUndefined();
});

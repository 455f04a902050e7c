import fc from "fast-check";
import { expect, test } from "vitest";
import { IdTable } from "./id-table.ts";

const idOf = (number: number) => number.toString(16).padStart(16, "0").padEnd(64, "0");

test("it holds what a list of pairs holds, through growth and removals, and its candidates miss none", () => {
  const step = fc.record({ adds: fc.boolean(), id: fc.nat({ max: 400 }), number: fc.nat({ max: 3 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 2_000, size: "max" }), (steps) => {
      const table = new IdTable();
      const pairs = new Map<string, { id: number; number: number }>();
      for (const { adds, id, number } of steps) {
        const key = `${id} ${number}`;
        if (adds && !pairs.has(key)) table.add(idOf(id), number);
        if (adds) pairs.set(key, { id, number });
        else table.remove(idOf(id), number);
        if (!adds) pairs.delete(key);
      }
      expect(table.count).toBe(pairs.size);
      for (let id = 0; id <= 400; id += 1) {
        const expected = [...pairs.values()].filter((pair) => pair.id === id).map(({ number }) => number);
        expect([...table.candidates(idOf(id))].sort()).toEqual(expected.sort());
      }
    }),
    { numRuns: 20 },
  );
});

test("a quarter of a million ids take 16 bytes each, and an id that is not there has hardly ever a candidate", () => {
  const table = new IdTable();
  for (let number = 0; number < 250_000; number += 1) table.add(idOf(number), number);
  expect(table.sizeBytes / table.count).toBeLessThan(17);
  let candidates = 0;
  for (let number = 250_000; number < 350_000; number += 1)
    candidates += [...table.candidates(idOf(number))].length;
  // Expected: 100,000 times 250,000 / 2^32, which is 6.
  expect(candidates).toBeLessThan(30);
});

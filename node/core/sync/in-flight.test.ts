import fc from "fast-check";
import { expect, test } from "vitest";
import { BlockAuthor } from "../../../test/support/mined-blocks.ts";
import type { BlockEntry } from "../state/block-entry.ts";
import { InFlight } from "./in-flight.ts";

const author = new BlockAuthor();
const blocks = author.chain(author.genesis, 6);

test("it holds what a plain Map would, however requests come and go", () => {
  const aStep = fc.record({ block: fc.constantFrom(...blocks), add: fc.boolean(), deadlineUs: fc.nat(50) });
  fc.assert(
    fc.property(fc.array(aStep), (steps) => {
      const inFlight = new InFlight();
      const model = new Map<BlockEntry, number>();
      for (const { block, add, deadlineUs } of steps) {
        if (add && !model.has(block)) {
          inFlight.add(block, 1, 2, deadlineUs);
          model.set(block, deadlineUs);
        } else if (!add) {
          expect(inFlight.remove(block)).toBe(model.delete(block));
        }
        expect(inFlight.count).toBe(model.size);
        expect(inFlight.firstDeadlineUs).toBe(model.size === 0 ? null : Math.min(...model.values()));
        expect(new Map(inFlight.all().map((request) => [request.block, request.deadlineUs]))).toEqual(model);
      }
    }),
  );
});

test("views that have several requests do not share them", () => {
  const [first, second] = [new InFlight(), new InFlight()];
  for (const block of blocks) first.add(block, 0, 0, 1);
  expect(second.count).toBe(0);
  expect(second.all()).toEqual([]);
});

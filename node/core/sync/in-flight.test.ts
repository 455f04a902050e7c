import fc from "fast-check";
import { expect, test } from "vitest";
import { BlockAuthor } from "../../../test/support/mined-blocks.ts";
import { aViewState } from "../../../test/support/view-states.ts";
import type { BlockEntry } from "../state/block-entry.ts";
import { InFlight } from "./in-flight.ts";

const author = new BlockAuthor();
const blocks = author.chain(author.genesis, 6);

test("it holds what a plain Map would, however requests come and go", () => {
  const aStep = fc.record({ block: fc.constantFrom(...blocks), add: fc.boolean(), deadlineUs: fc.nat(50) });
  fc.assert(
    fc.property(fc.array(aStep), (steps) => {
      const inFlight = new InFlight(1);
      const state = aViewState(author.genesis);
      const model = new Map<BlockEntry, number>();
      for (const { block, add, deadlineUs } of steps) {
        if (add && !model.has(block)) {
          inFlight.add(state, block, 1, 2, deadlineUs);
          model.set(block, deadlineUs);
        } else if (!add) {
          expect(inFlight.remove(state, block)).toBe(model.delete(block));
        }
        expect(inFlight.count(state)).toBe(model.size);
        expect(inFlight.firstDeadlineUs(state)).toBe(model.size === 0 ? null : Math.min(...model.values()));
        expect(new Map(inFlight.all(state).map((request) => [request.block, request.deadlineUs]))).toEqual(
          model,
        );
      }
    }),
  );
});

test("views that have several requests do not share them", () => {
  const inFlight = new InFlight(2);
  const [first, second] = [aViewState(author.genesis, 0), aViewState(author.genesis, 1)];
  for (const block of blocks) inFlight.add(first, block, 0, 0, 1);
  expect(inFlight.count(second)).toBe(0);
  expect(inFlight.all(second)).toEqual([]);
});

test("requests of the blocks that are meant count as the first ones, and stay as they are otherwise", () => {
  const inFlight = new InFlight(1);
  const state = aViewState(author.genesis);
  for (const [index, block] of blocks.entries()) inFlight.add(state, block, 3, index + 1, 100 + index);
  const before = inFlight.all(state);
  inFlight.countAnew(state, (block) => block.header.height % 2 === 1);
  expect(inFlight.all(state)).toEqual(
    before.map((request) => (request.block.header.height % 2 === 1 ? { ...request, attempt: 0 } : request)),
  );
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { Heap } from "./mempool-heap.ts";

test("items come out in order, whatever is pushed and popped in between", () => {
  // A number is pushed; null pops one.
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(50))), (steps) => {
      const heap = new Heap<number>((a, b) => a < b);
      let model: number[] = [];
      for (const step of steps) {
        if (step === null) {
          expect(heap.pop()).toBe(model.shift());
        } else {
          heap.push(step);
          model = [...model, step].sort((a, b) => a - b);
        }
        expect(heap.size).toBe(model.length);
      }
      while (heap.size > 0) expect(heap.pop()).toBe(model.shift());
      expect(heap.pop()).toBeUndefined();
    }),
  );
});

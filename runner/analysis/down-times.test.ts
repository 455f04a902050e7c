import fc from "fast-check";
import { expect, test } from "vitest";
import type { NodeChanged } from "../record/run-event.ts";
import { downTimesOf, overlapUs } from "./down-times.ts";

const STATES = ["started", "stopped", "crashed", "paused", "resumed"] as const;
const END_US = 40;

test("time down is what a look at every microsecond counts", () => {
  const change = fc.record({ atUs: fc.integer({ min: 1, max: END_US }), state: fc.constantFrom(...STATES) });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 8 }), fc.nat(END_US), fc.nat(END_US), (picks, a, b) => {
      const changes = picks
        .map((pick): NodeChanged => ({ type: "node-changed", node: 0, ...pick }))
        .sort((x, y) => x.atUs - y.atUs);
      const isUp = (atUs: number) => {
        const last = changes.filter((each) => each.atUs <= atUs).at(-1);
        if (last === undefined) return changes[0]?.state !== "started";
        return last.state === "started" || last.state === "resumed";
      };
      const [fromUs, untilUs] = a < b ? [a, b] : [b, a];
      let counted = 0;
      for (let atUs = fromUs; atUs < untilUs; atUs++) if (!isUp(atUs)) counted++;
      // A node whose first word is "resumed" was never said to be paused.
      fc.pre(changes[0]?.state !== "resumed");
      expect(overlapUs(downTimesOf(changes, 1)[0] ?? [], fromUs, untilUs)).toBe(counted);
    }),
  );
});

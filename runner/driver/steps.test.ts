import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { PlannedFault, PlannedTransaction } from "../plan.ts";
import { mergeSteps } from "./steps.ts";

const fault = (atUs: number, index: number): PlannedFault => ({
  index,
  atUs,
  description: `fault ${index}`,
  fault: { word: "heal", links: null },
});
const transaction = (atUs: number): PlannedTransaction => ({
  atUs,
  account: 0,
  fee: 1n,
  body: { kind: "post", text: "" },
});

test("at one time faults come first, then transactions; what is due after the end is left out", () => {
  const plan = {
    durationUs: 10,
    timeline: [fault(3, 0), fault(3, 1), fault(9, 2), fault(10, 3)],
    load: [transaction(1), transaction(3), transaction(4), transaction(10)],
  };
  expect([...mergeSteps(plan)].map(({ kind, atUs }) => `${kind} ${atUs}`)).toEqual([
    "transaction 1",
    "fault 3",
    "fault 3",
    "transaction 3",
    "transaction 4",
    "fault 9",
  ]);
});

test("the steps are those of plan and timeline, sorted by time and then by kind", () => {
  const times = fc.array(fc.integer({ min: 0, max: 20 })).map((list) => list.toSorted((a, b) => a - b));
  fc.assert(
    fc.property(times, times, fc.integer({ min: 1, max: 20 }), (faults, load, durationUs) => {
      const plan = { durationUs, timeline: faults.map(fault), load: load.map(transaction) };
      const wanted = [
        ...plan.timeline.map(({ atUs }) => ({ kind: "fault", atUs })),
        ...plan.load.map(({ atUs }) => ({ kind: "transaction", atUs })),
      ]
        .filter(({ atUs }) => atUs < durationUs)
        .sort((a, b) => a.atUs - b.atUs || a.kind.localeCompare(b.kind));
      expect([...mergeSteps(plan)].map(({ kind, atUs }) => ({ kind, atUs }))).toEqual(wanted);
    }),
  );
});

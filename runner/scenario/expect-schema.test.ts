import { expect, test } from "vitest";
import { FIGURES as COMPUTED } from "../analysis/figures.ts";
import { FIGURES } from "./expect-schema.ts";

test("what a scenario can bound is what the analysis computes, under the same names", () => {
  const computed = COMPUTED.flatMap(({ expectation }) => expectation ?? []);
  expect(computed.toSorted()).toEqual(Object.keys(FIGURES).sort());
});

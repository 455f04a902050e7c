import { expect, test } from "vitest";
import { differingKeys } from "./render.ts";

test("keys in which two scenarios differ are named by their paths", () => {
  const scenario = { seed: 1, network: { latency: "40ms", topology: { kind: "ring" } }, timeline: [1, 2] };
  expect(differingKeys(scenario, structuredClone(scenario))).toEqual([]);
  expect(
    differingKeys(scenario, {
      ...scenario,
      network: { latency: "50ms", topology: { kind: "ring" } },
      timeline: [1],
      warmUp: "5s",
    }),
  ).toEqual(["network.latency", "timeline", "warmUp"]);
});

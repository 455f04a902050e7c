import { expect, test } from "vitest";
import { parseScenario } from "../../../scenario/load.ts";
import { planRun } from "../../../scenario/plan-run.ts";
import { needsNetem, refuseByKernel } from "./kernel-limits.ts";

function planOf(network: string, timeline = "[]") {
  const rest = "duration: 60s\nnodes: { count: 3, hashRate: 2kH/s }\nchain: { difficulty: 12 }\n";
  const text = `name: limits\n${rest}network: ${network}\ntimeline: ${timeline}\n`;
  return planRun(parseScenario(text, "limits.yaml"));
}

test.each([
  "{ }",
  "{ latency: 2s, loss: 90%, bandwidth: 1kbit/s }",
  "{ latency: { kind: exponential, mean: 285ms } }",
  "{ latency: { kind: uniform, min: 0ms, max: 2s } }",
  "{ latency: { kind: lognormal, median: 100us, sigma: 3 } }",
  "{ topology: { kind: regions, out: 1 } }",
])("the kernel can do %s", (network) => {
  expect(refuseByKernel(planOf(network))).toBeNull();
});

test.each([
  ["{ blockPadding: 1kB }", /^network\.blockPadding is bytes that the sending node counts and does not send/],
  [
    "{ latency: 2001ms }",
    /the latency between node-0 and node-1 is above 2\.0 s for one packet in a thousand, where 2\.0 s is the most/,
  ],
  ["{ latency: { kind: exponential, mean: 300ms } }", /above 2\.1 s/],
])("it cannot do %s, and says why", (network, message) => {
  expect(refuseByKernel(planOf(network))).toMatch(message);
});

test("a latency that comes later is refused with its line of the timeline", () => {
  const plan = planOf("{ }", "[{ at: 1s, crash: 0 }, { at: 5s, latency: 3s, nodes: [0] }]");
  expect(refuseByKernel(plan)).toMatch(
    /the latency of line 2 of the timeline \(latency: 3s.*\) is above 3\.0 s/,
  );
});

test.each([
  ["{ latency: 0ms }", "[]", false],
  [
    "{ latency: 0ms, bandwidth: 1Mbit/s }",
    "[{ at: 1s, bandwidth: 2Mbit/s }, { at: 2s, partition: [[0], [1, 2]] }]",
    false,
  ],
  ["{ latency: 0ms }", "[{ at: 1s, loss: 0% }]", false],
  ["{ }", "[]", true],
  ["{ latency: 0ms, loss: 1% }", "[]", true],
  ["{ latency: 0ms }", "[{ at: 1s, latency: 5ms }]", true],
  ["{ latency: 0ms }", "[{ at: 1s, loss: 1% }]", true],
])("whether %s with %s needs netem: %s", (network, timeline, expected) => {
  expect(needsNetem(planOf(network, timeline))).toBe(expected);
});

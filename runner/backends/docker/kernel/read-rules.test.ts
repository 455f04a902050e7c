import { expect, test } from "vitest";
import type { LinkCondition } from "../../../../node/link/link-conditions.ts";
import { areRulesOf, rulesTowards } from "./read-rules.ts";

/** What iproute2 6.1 said on Linux 6.1 of `netem limit 20000 delay 50ms 40ms distribution normal loss 20% rate 40gbit` beside a constant one. */
const TOLD = JSON.stringify([
  {
    kind: "htb",
    handle: "1:",
    root: true,
    refcnt: 2,
    options: { r2q: 10, default: "0", direct_packets_stat: 0, direct_qlen: 32 },
  },
  {
    kind: "netem",
    handle: "2:",
    parent: "1:2",
    options: {
      limit: 20_000,
      delay: { delay: 0.05, jitter: 0.04, correlation: 0 },
      "loss-random": { loss: 0.2, correlation: 0 },
      rate: { rate: 5_000_000_000, packetoverhead: 0, cellsize: 0, celloverhead: 0 },
      ecn: false,
      gap: 0,
    },
  },
  {
    kind: "netem",
    handle: "12:",
    parent: "1:12",
    options: { limit: 20_000, delay: { delay: 0.3, jitter: 0, correlation: 0 }, ecn: false, gap: 0 },
  },
  { kind: "pfifo", handle: "3:", parent: "1:3", options: { limit: 20_000 } },
  { kind: "noqueue", handle: "0:", root: true, options: {} },
]);

function condition(delayUs: number, lossRatio = 0): LinkCondition {
  return { latency: { kind: "constant", delayUs }, lossRatio, cut: false };
}

test("delay, spread and loss of a peer are read from its own queue", () => {
  expect(rulesTowards(0, TOLD)).toEqual({ middleSec: 0.05, spreadSec: 0.04, lossRatio: 0.2 });
  expect(rulesTowards(16, TOLD)).toEqual({ middleSec: 0.3, spreadSec: 0, lossRatio: 0 });
  expect(rulesTowards(1, TOLD)).toEqual({ middleSec: 0, spreadSec: 0, lossRatio: 0 });
  expect(rulesTowards(7, TOLD)).toBeNull();
  expect(rulesTowards(0, 'Object "qdisc" is unknown')).toBeNull();
});

test("they are held against what was asked, to the microsecond", () => {
  const read = rulesTowards(16, TOLD);
  expect(areRulesOf(read, condition(300_000))).toBe(true);
  expect(areRulesOf(read, condition(300_010))).toBe(false);
  expect(areRulesOf(read, condition(300_000, 0.001))).toBe(false);
  expect(areRulesOf(rulesTowards(0, TOLD), condition(50_000, 0.2))).toBe(false);
  expect(areRulesOf(rulesTowards(1, TOLD), condition(0))).toBe(true);
  expect(areRulesOf(null, condition(0))).toBe(false);
});

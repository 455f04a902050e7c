import fc from "fast-check";
import { expect, test } from "vitest";
import type { LatencyModel } from "../../../../node/link/latency.ts";
import {
  type Command,
  minorOf,
  redirectCommands,
  ruleCommands,
  setUpCommands,
  tablesOf,
} from "./tc-commands.ts";

const STEADY: LatencyModel = { kind: "constant", delayUs: 40_000 };
const NEAR = { peer: 3, address: "172.20.0.5", latency: STEADY, lossRatio: 0 };

/** As they would be typed. */
function typed(commands: readonly Command[]): string[] {
  return commands.map((command) => command.join(" "));
}

test("a device of its own takes what leaves by every interface, one packet at a time", () => {
  expect(typed([...setUpCommands(), ...redirectCommands("eth1")])).toEqual([
    "ip link add shaped type ifb",
    "ip link set dev shaped up",
    "tc qdisc add dev shaped root handle 1: htb",
    "ip link set dev eth1 gso_max_segs 1",
    "tc qdisc replace dev eth1 clsact",
    "tc filter replace dev eth1 egress protocol ip prio 1 handle 800::1 u32 match u32 0 0 action mirred egress redirect dev shaped",
  ]);
});

test("a peer has a class, a queue with delay and loss, and a filter on its address", () => {
  const far = { ...NEAR, peer: 14, address: "172.20.0.16", lossRatio: 0.015 };
  const rules = { uplinkBitsPerSec: 10_000_000, peers: [NEAR, far], hasNetem: true };
  expect(typed(ruleCommands(rules))).toEqual([
    "tc class replace dev shaped parent 1: classid 1:1 htb rate 10000000bit ceil 10000000bit burst 1250b cburst 1250b quantum 1514",
    "tc class replace dev shaped parent 1:1 classid 1:5 htb rate 5000000bit ceil 10000000bit burst 625b cburst 1250b quantum 1514",
    "tc qdisc replace dev shaped parent 1:5 handle 5: netem limit 20000 delay 40000us loss random 0% rate 40000000000bit",
    "tc filter replace dev shaped parent 1: protocol ip prio 1 handle 800::5 u32 match ip dst 172.20.0.5/32 flowid 1:5",
    "tc class replace dev shaped parent 1:1 classid 1:10 htb rate 5000000bit ceil 10000000bit burst 625b cburst 1250b quantum 1514",
    "tc qdisc replace dev shaped parent 1:10 handle 10: netem limit 20000 delay 40000us loss random 1.5% rate 40000000000bit",
    "tc filter replace dev shaped parent 1: protocol ip prio 1 handle 800::10 u32 match ip dst 172.20.0.16/32 flowid 1:10",
  ]);
});

test("a latency that varies names the table that its shape needs", () => {
  const peers = [
    { ...NEAR, latency: { kind: "lognormal", medianUs: 50_000, sigma: 0.4 } as const },
    { ...NEAR, peer: 4, latency: { kind: "lognormal", medianUs: 90_000, sigma: 0.4 } as const },
    { ...NEAR, peer: 5, latency: { kind: "uniform", minUs: 10_000, maxUs: 30_000 } as const },
  ];
  const rules = { uplinkBitsPerSec: null, peers, hasNetem: true };
  const delays = typed(ruleCommands(rules)).flatMap((line) => / (delay .*) loss/.exec(line)?.[1] ?? []);
  expect(delays).toEqual([
    expect.stringMatching(/^delay 1\d{5}us \d{5}us distribution lognormal-0\.4$/),
    expect.stringMatching(/^delay [12]\d{5}us \d{5}us distribution lognormal-0\.4$/),
    // The middle of the range, and a quarter of it: a table reaches four spreads either way.
    expect.stringMatching(/^delay 20000us (2499|2500)us distribution uniform$/),
  ]);
  expect(tablesOf(rules).map(({ name }) => name)).toEqual(["lognormal-0.4", "uniform"]);
});

test("a run without latency and loss needs no netem, and an uplink without a limit has a rate that no machine reaches", () => {
  const latency: LatencyModel = { kind: "constant", delayUs: 0 };
  const rules = { uplinkBitsPerSec: null, peers: [{ ...NEAR, latency }], hasNetem: false };
  expect(typed(ruleCommands(rules))).toEqual([
    "tc class replace dev shaped parent 1: classid 1:1 htb rate 40000000000bit ceil 40000000000bit burst 5000000b cburst 5000000b quantum 1514",
    "tc class replace dev shaped parent 1:1 classid 1:5 htb rate 40000000000bit ceil 40000000000bit burst 5000000b cburst 5000000b quantum 1514",
    "tc qdisc replace dev shaped parent 1:5 handle 5: pfifo limit 20000",
    "tc filter replace dev shaped parent 1: protocol ip prio 1 handle 800::5 u32 match ip dst 172.20.0.5/32 flowid 1:5",
  ]);
  expect(tablesOf(rules)).toEqual([]);
});

test.each([
  [0.000_000_1, "0.00001%"],
  [0.001, "0.1%"],
  [0.1, "10%"],
  [1 / 3, "33.33333333%"],
])("a loss of %s is stated as %s", (lossRatio, text) => {
  const rules = { uplinkBitsPerSec: null, peers: [{ ...NEAR, lossRatio }], hasNetem: true };
  expect(typed(ruleCommands(rules)).join("\n")).toContain(` loss random ${text} rate`);
});

const peers = fc.uniqueArray(
  fc.record({
    peer: fc.nat(4_000),
    address: fc.ipV4(),
    latency: fc.constant(STEADY),
    lossRatio: fc.double({ min: 0, max: 0.99, noNaN: true }),
  }),
  { selector: ({ peer }) => peer, maxLength: 40 },
);

test("every peer has exactly one class, one queue and one filter, and no number is used twice", () => {
  const uplink = fc.option(fc.integer({ min: 1, max: 2 ** 40 }));
  fc.assert(
    fc.property(peers, uplink, fc.boolean(), (drawn, uplinkBitsPerSec, hasNetem) => {
      const commands = ruleCommands({ uplinkBitsPerSec, peers: drawn, hasNetem });
      const after = (command: Command, word: string) => command[command.indexOf(word) + 1] ?? "";
      const of = (kind: string) => commands.filter((command) => command[1] === kind);
      const [uplinkClass, ...classes] = of("class").map((command) => after(command, "classid"));
      expect(uplinkClass).toBe("1:1");
      expect(classes).toEqual(drawn.map(({ peer }) => `1:${minorOf(peer)}`));
      expect(new Set([uplinkClass, ...classes]).size).toBe(drawn.length + 1);
      expect(of("qdisc").map((command) => after(command, "parent"))).toEqual(classes);
      const handles = of("qdisc").map((command) => after(command, "handle"));
      expect(new Set(["1:", ...handles]).size).toBe(drawn.length + 1);
      expect(of("filter").map((command) => [after(command, "dst"), after(command, "flowid")])).toEqual(
        drawn.map(({ address }, i) => [`${address}/32`, classes[i]]),
      );
      expect(new Set(of("filter").map((command) => after(command, "handle"))).size).toBe(drawn.length);
      // Lines of a batch are cut at blanks, and a shell has nothing to interpret.
      for (const word of commands.flat()) expect(word).toMatch(/^[\w.:%/-]+$/);
      for (const [, number] of commands
        .flat()
        .join(" ")
        .matchAll(/htb rate (\d+)bit/g))
        expect(Number(number)).toBeGreaterThanOrEqual(8);
    }),
  );
});

import { expect, test } from "vitest";
import { describeLack } from "./kernel-trial.ts";
import { type Command, redirectCommands, ruleCommands, setUpCommands } from "./tc-commands.ts";

const NO_KIND = "Error: Specified qdisc kind is unknown.";

function moduleFor(command: Command): string | null {
  return / modprobe (\S+)\)/.exec(describeLack(command, NO_KIND, "6.1.0"))?.[1] ?? null;
}

test("a lack is told with what was tried, the kernel's own words, and what to do", () => {
  const command = ["tc", "qdisc", "replace", "dev", "shaped", "parent", "1:2", "netem", "delay", "1000us"];
  expect(describeLack(command, NO_KIND, "6.18.44")).toBe(
    "network.enforce is kernel, but the kernel of this Docker engine (6.18.44) cannot shape the links of this scenario: " +
      'to "tc qdisc replace dev shaped parent 1:2 netem delay 1000us", tried in a container of its own, it answered ' +
      '"Error: Specified qdisc kind is unknown.". Leave network.enforce at node, and the sending nodes shape them, or load what is ' +
      "missing on the machine of the engine (sudo modprobe sch_netem) and try again.",
  );
});

test("each command that needs a module of the kernel names it", () => {
  const latency = { kind: "constant", delayUs: 1_000 } as const;
  const peers = [{ peer: 0, address: "192.0.2.1", latency, lossRatio: 0 }];
  const commands = [
    ...setUpCommands(),
    ...redirectCommands("lo"),
    ...ruleCommands({ uplinkBitsPerSec: null, peers, hasNetem: true }),
  ];
  expect(commands.map(moduleFor)).toEqual([
    ...["ifb", null, "sch_htb"],
    ...[null, "sch_ingress", "act_mirred"],
    ...["sch_htb", "sch_htb", "sch_netem", "cls_u32"],
  ]);
});

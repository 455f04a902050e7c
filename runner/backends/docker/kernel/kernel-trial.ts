import { randomBytes } from "node:crypto";
import type { LatencyModel } from "../../../../node/link/latency.ts";
import type { RunPlan } from "../../../plan.ts";
import type { DockerEngine } from "../docker-engine.ts";
import { runLabels } from "../labels.ts";
import { needsNetem } from "./kernel-limits.ts";
import { NetworkHolder, removeContainer } from "./network-holder.ts";
import { type Command, redirectCommands, ruleCommands, setUpCommands, tablesOf } from "./tc-commands.ts";

/** Addresses that are nobody's. Source: RFC 5737, TEST-NET-1. */
const [NOBODY, NOBODY_ELSE] = ["192.0.2.1", "192.0.2.2"];

const NO_DELAY: LatencyModel = { kind: "constant", delayUs: 0 };
const STEADY: LatencyModel = { kind: "constant", delayUs: 1_000 };
const VARYING: LatencyModel = { kind: "uniform", minUs: 1_000, maxUs: 2_000 };

/**
 * Tries in a network of its own, which nobody else is in, whether the engine's kernel can do what this plan will ask of it. Null, or why it cannot, in the
 * kernel's words, and what to do. Throws an `EngineError` when the engine cannot even try.
 */
export async function tryKernel(engine: DockerEngine, image: string, plan: RunPlan): Promise<string | null> {
  const runId = randomBytes(4).toString("hex");
  const holder = await NetworkHolder.start(engine, {
    containerName: `forklab-${runId}-trial`,
    image,
    labels: runLabels(runId),
    network: { HostConfig: { NetworkMode: "none" } },
    isShortLived: true,
    made: async () => undefined,
  });
  try {
    const hasNetem = needsNetem(plan);
    const rule = { lossRatio: hasNetem ? 0.01 : 0, uplinkBitsPerSec: null };
    const rules = {
      uplinkBitsPerSec: plan.uplinkBitsPerSec,
      peers: [
        { ...rule, peer: 0, address: NOBODY ?? "", latency: hasNetem ? STEADY : NO_DELAY },
        { ...rule, peer: 1, address: NOBODY_ELSE ?? "", latency: hasNetem ? VARYING : NO_DELAY },
      ],
      hasNetem,
    };
    for (const table of tablesOf(rules)) await holder.putTable(table);
    const commands = [...setUpCommands(), ...redirectCommands("lo"), ...ruleCommands(rules)];
    const failure = await holder.tryAll(commands);
    return failure === null ? null : describeLack(failure.command, failure.output, engine.version.kernel);
  } finally {
    await removeContainer(engine, holder.id);
  }
}

/** What the kernel calls what a command asks of it, by a word of the command. The first that fits is what is missing. */
const MODULES: readonly (readonly [word: string, module: string])[] = [
  ["ifb", "ifb"],
  ["netem", "sch_netem"],
  ["htb", "sch_htb"],
  ["clsact", "sch_ingress"],
  ["mirred", "act_mirred"],
  ["u32", "cls_u32"],
];

/** What was tried, what the kernel answered, and what can be done about it. */
export function describeLack(command: Command, answer: string, kernel: string): string {
  const module = MODULES.find(([word]) => command.includes(word))?.[1] ?? null;
  const load =
    module === null
      ? ""
      : `, or load what is missing on the machine of the engine (sudo modprobe ${module}) and try again`;
  return (
    `network.enforce is kernel, but the kernel of this Docker engine (${kernel}) cannot shape the links of this scenario: ` +
    `to "${command.join(" ")}", tried in a container of its own, it answered "${answer}". ` +
    `Leave network.enforce at node, and the sending nodes shape them${load}.`
  );
}

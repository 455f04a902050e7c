import { afterAll, beforeAll, expect, test } from "vitest";
import { LinkPlan } from "../runner/backends/live/link-plan.ts";
import { NodeClient } from "../runner/backends/live/node-client.ts";
import type { Evidence } from "../runner/faults/evidence.ts";
import type { ProbedNode } from "../runner/faults/link-pairs.ts";
import { probeLinks } from "../runner/faults/probe-links.ts";
import type { Fault } from "../runner/plan.ts";
import { parseScenario } from "../runner/scenario/load.ts";
import { planRun } from "../runner/scenario/plan-run.ts";
import { CONTROL_TOKEN, chainJson, NodeUnderTest, Scratch, until } from "./support/live-process.ts";

/** Two real nodes and what the runner does to see a fault at work between them, once with the node told of it, once without. */

type LinkFault = Extract<Fault, { word: "loss" | "bandwidth" }>;

const PLAN = planRun(
  parseScenario(
    `name: probes
seed: 1
duration: 60s
nodes: { count: 2, hashRate: 1kH/s }
chain: { difficulty: 12 }
network: { latency: { kind: lognormal, median: 30ms, sigma: 0.4 } }
`,
    "probes.yaml",
  ),
);

const links = new LinkPlan(PLAN);
const stack = new AsyncDisposableStack();
let nodes: (ProbedNode & { readonly client: NodeClient })[];

/** Two linked nodes that mine, so that the link has messages of its own, under the plan's conditions. */
beforeAll(async () => {
  const scratch = stack.use(new Scratch());
  const chain = scratch.json("chain.json", chainJson());
  const started: NodeUnderTest[] = [];
  for (const { index, name } of PLAN.nodes) {
    const flags = ["--name", name, "--dir", scratch.dir(name), "--chain", chain, "--key-seed", name];
    const conditions = scratch.json(`${name}.json`, links.conditionsOf(index));
    const peers = started.flatMap(({ url }) => ["--peer", url]);
    const mining = ["--mine", "continuous", "--hash-rate", "2kH/s", "--log-level", "warn"];
    started.push(
      stack.use(await NodeUnderTest.start([...flags, "--links", conditions, ...mining, ...peers])),
    );
  }
  for (const node of started) await until(async () => ((await node.status()).peers.up === 1 ? true : null));
  nodes = started.map(({ url }, index) => {
    const client = new NodeClient(url, CONTROL_TOKEN);
    stack.defer(() => client.destroy());
    return { index, name: `node-${index}`, state: "up", client, inTurn: (job) => job() };
  });
}, 40_000);
afterAll(() => stack.disposeAsync());

const loss = (ratio: number): LinkFault => ({ word: "loss", links: null, ratio });
const bandwidth = (bitsPerSec: number | null): LinkFault => ({
  word: "bandwidth",
  nodes: [0, 1],
  bitsPerSec,
});

/** Puts a fault in force, at all nodes but those that a defect forgets. */
async function apply(fault: LinkFault, forgotten: readonly number[] = []): Promise<void> {
  for (const [index, patch] of links.change(fault))
    if (!forgotten.includes(index)) await nodes[index]?.client.putLinks(patch);
}

function probe(fault: LinkFault): Promise<Evidence> {
  return probeLinks(fault, nodes, links, new AbortController().signal);
}

test("loss and bandwidth are seen at work where nodes were told of them, and their end too", async () => {
  for (const fault of [loss(0.1), bandwidth(20_000_000), loss(0), bandwidth(null), bandwidth(20_000)]) {
    await apply(fault);
    const found = await probe(fault);
    expect(found.probed, `${fault.word}: ${found.evidence}`).toBe(true);
  }
  await apply(bandwidth(null));
}, 40_000);

test("a loss and a bandwidth of which a node was not told are found out, however small", async () => {
  for (const [fault, end] of [
    [loss(0.005), loss(0)],
    [bandwidth(100_000_000), bandwidth(null)],
  ] as const) {
    await apply(fault, [1]);
    const found = await probe(fault);
    expect(found.probed, `${fault.word}: ${found.evidence}`).toBe(false);
    expect(found.evidence).toContain("node-1");
    expect(found.evidence).not.toContain("node-0 ");
    await apply(end);
  }
}, 40_000);

test("the end of a loss and of a bandwidth that nodes were not told of is found out", async () => {
  for (const [fault, end] of [
    [loss(0.001), loss(0)],
    [bandwidth(5_000_000), bandwidth(null)],
  ] as const) {
    await apply(fault);
    await apply(end, [0, 1]);
    expect(await probe(end)).toMatchObject({ probed: false });
    await apply(end);
  }
}, 40_000);

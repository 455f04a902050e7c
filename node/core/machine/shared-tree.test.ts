import fc from "fast-check";
import { expect, test } from "vitest";
import { MachineNetwork } from "../../../test/support/machine-network.ts";
import { BlockAuthor } from "../../../test/support/mined-blocks.ts";
import type { BlockEntry } from "../state/block-entry.ts";

type Step =
  | { do: "mine"; node: number }
  | { do: "invalid"; node: number; pushed: boolean; generations: number }
  | { do: "link"; a: number; b: number; up: boolean }
  | { do: "wait"; durationUs: number };

const aNode = fc.nat(3);
const aStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("mine" as const), node: aNode }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("invalid" as const),
      node: aNode,
      pushed: fc.boolean(),
      generations: fc.nat(1),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("link" as const), a: aNode, b: aNode, up: fc.boolean() }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("wait" as const), durationUs: fc.nat(60_000) }),
  },
);

/** Plays a script; every block comes from the author, and is the same for whoever plays it with an author in the same state. */
function play(kind: "shared" | "own", steps: readonly Step[]): MachineNetwork {
  const author = new BlockAuthor();
  const network = new MachineNetwork(kind, 4, author);
  for (const step of steps) {
    switch (step.do) {
      case "mine":
        network.mine(step.node, author.child(authorsTip(network, author, step.node)));
        break;
      case "invalid":
        tellInvalid(network, author, step);
        break;
      case "link":
        network.setLink(step.a, step.b, step.up);
        break;
      case "wait":
        network.run(step.durationUs);
    }
  }
  for (let a = 0; a < 4; a++) for (let b = a + 1; b < 4; b++) network.setLink(a, b, true);
  network.run(Number.POSITIVE_INFINITY);
  return network;
}

function authorsTip(network: MachineNetwork, author: BlockAuthor, node: number): BlockEntry {
  return author.tree.get(network.machine(node).tip.hash) ?? author.genesis;
}

/** An invalid block and some on top of it come from a stranger. */
function tellInvalid(network: MachineNetwork, author: BlockAuthor, step: Step & { do: "invalid" }): void {
  const bad = author.greedyChild(authorsTip(network, author, step.node));
  for (const block of [bad, ...author.chain(bad, step.generations)]) {
    if (step.pushed) network.push(step.node, block);
    else network.announce(step.node, block);
    // Another node hears of it later, when one tree for all has judged it already.
    network.announce(step.node + 1, block);
  }
}

test("machines over one tree do what machines with a tree each do, message for message", () => {
  fc.assert(
    fc.property(fc.array(aStep, { maxLength: 25 }), (steps) => {
      const shared = play("shared", steps);
      const own = play("own", steps);
      expect(shared.log).toEqual(own.log);
      shared.expectAtRest();
      own.expectAtRest();
    }),
    { numRuns: 200 },
  );
});

test("once all links are up and nobody mines, all machines have tips of the same work", () => {
  fc.assert(
    fc.property(fc.array(aStep, { maxLength: 40 }), (steps) => {
      const network = play("shared", steps);
      const works = network.machines.map((machine) => machine.tip.chainWork);
      expect(new Set(works).size).toBe(1);
    }),
    { numRuns: 200 },
  );
});

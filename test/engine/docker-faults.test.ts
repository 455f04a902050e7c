import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { connectFromInside } from "../../runner/backends/docker/tcp-probe.ts";
import { heldBy, tipOf, until } from "../support/real-runs.ts";
import { aDockerBackend, anEngine, dockerRuns, thingsOf } from "./docker-runs.ts";
import { engineSuite } from "./need-engine.ts";

const HEAD = `seed: 1
duration: 600s
chain: { difficulty: 12 }
network: { latency: 10ms }
transactions: { rate: 5/s, confirmations: 2 }
`;

engineSuite("containers as nodes", () => {
  const runs = dockerRuns();
  const never = new AbortController().signal;

  test("packets do not cross a partition, the shaper cuts nothing meanwhile, and within a group all goes on", async () => {
    const engine = await anEngine();
    const { backend, plan } = await aDockerBackend(
      runs.folder,
      "split",
      `${HEAD}nodes: { count: 4, hashRate: 2kH/s }
timeline: [{ at: 100s, partition: [[0, 1], [2, 3]] }, { at: 200s, heal: all }]
`,
    );
    try {
      expect(await backend.start(never)).toMatchObject({ ok: true });
      const [things] = await thingsOf(engine);
      const idOf = (node: number) =>
        things?.containers.find(({ name }) => name.endsWith(`-node-${node}`))?.id ?? "";
      const addresses = await Promise.all(
        [0, 1, 2, 3].map(async (node) => {
          const info = await engine.streams.getContainer(idOf(node)).inspect();
          return Object.values(info.NetworkSettings.Networks).map(({ IPAddress }) => IPAddress);
        }),
      );
      const reach = async (source: number, target: number) => ({
        byName: await connectFromInside(engine, idOf(source), [`node-${target}`]),
        byAddress: await connectFromInside(engine, idOf(source), addresses[target] ?? []),
      });
      const open = await reach(0, 2);
      expect(open.byName).toEqual(["node-2"]);
      // At the network that the two share, and not over that of the runner or of the other group.
      expect(open.byAddress).toHaveLength(1);

      const [cut, heal] = plan.timeline.map(({ fault }) => fault);
      if (cut === undefined || heal === undefined) throw new Error("the plan has two faults");
      const parted = await backend.apply(cut);
      expect(parted).toMatchObject({ applied: true, probed: true });
      expect(parted.evidence).toContain("cut by the network");
      for (const [source, target] of [
        [0, 2],
        [3, 1],
      ] as const)
        expect(await reach(source, target)).toEqual({ byName: [], byAddress: [] });
      expect((await reach(0, 1)).byName).toEqual(["node-1"]);
      // Nothing but the network: the nodes were told of no cut.
      const log = await readFile(join(runs.folder, "split", "logs", "node-0.log"), "utf8");
      expect(log).not.toContain('"peer":"node-1","url":"http://node-1:8080","reason"');

      const healed = await backend.apply(heal);
      expect(healed).toMatchObject({ applied: true, probed: true });
      expect((await reach(0, 2)).byName).toEqual(["node-2"]);
    } finally {
      await backend.stop();
    }
    expect(await thingsOf(engine)).toEqual([]);
  }, 110_000);

  test("a cut of one direction is the sender's, and says so", async () => {
    const { backend } = await aDockerBackend(
      runs.folder,
      "one-way",
      `${HEAD}nodes: { count: 2, hashRate: 2kH/s }\n`,
    );
    try {
      expect(await backend.start(never)).toMatchObject({ ok: true });
      const outcome = await backend.apply({ word: "partition", cut: [[0, 1]] });
      expect(outcome).toMatchObject({ applied: true, probed: true });
      expect(outcome.evidence).toContain("cut by the senders, since open links share the network");
      expect(outcome.evidence).toContain("1 probes across the cut unanswered");
    } finally {
      await backend.stop();
    }
  }, 60_000);

  test("a container that was killed comes back with every block it had told of; one that stands still goes on", async () => {
    const { backend, events, folder } = await aDockerBackend(
      runs.folder,
      "killed",
      `${HEAD}nodes: { count: 3, hashRate: 4kH/s }\n`,
    );
    try {
      expect(await backend.start(never)).toMatchObject({ ok: true });
      await until(() => heldBy(events, 2).size >= 3, "node 2 holds three blocks");
      expect(await backend.apply({ word: "crash", nodes: [2] })).toMatchObject({
        applied: true,
        probed: true,
      });
      const told = heldBy(events, 2);
      expect(await backend.apply({ word: "restart", nodes: [2] })).toMatchObject({
        applied: true,
        probed: true,
      });
      const log = await readFile(join(folder, "logs", "node-2.log"), "utf8");
      const restored = [...log.matchAll(/"restoredCount":(\d+)/g)].map((match) => Number(match[1]));
      // From its own volume, not from a peer.
      expect(restored).toHaveLength(2);
      expect(restored[1]).toBeGreaterThanOrEqual(told.size);

      expect(await backend.apply({ word: "pause", nodes: [1] })).toMatchObject({
        applied: true,
        probed: true,
      });
      const heldByOther = heldBy(events, 0).size;
      await until(() => heldBy(events, 0).size >= heldByOther + 2, "another goes on");
      expect(await backend.apply({ word: "resume", nodes: [1] })).toMatchObject({
        applied: true,
        probed: true,
      });
      // The best block of another, as it is told: of those that lost meanwhile nobody tells it.
      await until(() => heldBy(events, 1).has(tipOf(events, 0)?.hash ?? ""), "it caught up");
    } finally {
      const ends = await backend.stop();
      expect(ends.map(({ up, failure }) => [up, failure])).toEqual([0, 1, 2].map(() => [true, null]));
    }
  }, 110_000);
});

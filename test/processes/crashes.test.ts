import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Prng } from "../../node/core/support/prng.ts";
import type { RunEvent } from "../../runner/record/run-event.ts";
import { heldBy, realRuns, tipOf, until, urlOf } from "../support/real-runs.ts";

/** Real nodes that the runner kills, stops and starts again. */

const runs = realRuns();

/**
 * Waits until the tip of `node` is a block that `other` holds, at least as high as the tip of `other` is now. Not every block that `other` holds
 * need come: nobody asks for the bodies of a branch that has lost.
 */
async function untilCaughtUp(events: readonly RunEvent[], node: number, other: number): Promise<void> {
  const goal = tipOf(events, other)?.height ?? 0;
  await until(() => {
    const tip = tipOf(events, node);
    return tip !== undefined && tip.height >= goal && heldBy(events, other).has(tip.hash);
  }, `node ${node} caught up with height ${goal} of node ${other}`);
}

/** The node answers for each of these blocks. */
async function expectHeld(folder: string, node: number, hashes: Iterable<string>): Promise<void> {
  const url = await urlOf(folder, node);
  for (const hash of hashes) {
    const answer = await fetch(`${url}/blocks/${hash}`);
    expect(answer.status, `node ${node}, block ${hash}`).toBe(200);
  }
}

test("a node that was killed comes back with every block it had told of, and catches up", async () => {
  const { backend, events, plan, folder } = await runs.backend(
    "killed",
    "duration: 60s\nnodes: { count: 3, hashRate: 4kH/s }\n",
  );
  try {
    expect(await backend.start(new AbortController().signal)).toMatchObject({ ok: true });
    await until(() => heldBy(events, 2).size >= 5, "node 2 holds five blocks");
    expect(await backend.apply({ word: "crash", nodes: [2] })).toMatchObject({ applied: true, probed: true });
    const told = heldBy(events, 2);
    await until(() => heldBy(events, 0).size >= told.size + 3, "the others went on");
    expect(await backend.apply({ word: "restart", nodes: [2] })).toMatchObject({
      applied: true,
      probed: true,
    });
    await expectHeld(folder, 2, told);
    await untilCaughtUp(events, 2, 0);
    expect(
      events.filter((event) => event.type === "node-changed").map((event) => [event.node, event.state]),
    ).toEqual([...plan.nodes.map(({ index }) => [index, "started"]), [2, "crashed"], [2, "started"]]);
  } finally {
    const ends = await backend.stop();
    expect(ends.map(({ up, failure }) => [up, failure])).toEqual(plan.nodes.map(() => [true, null]));
    expect(ends.every(({ coins, coinsExpected }) => coins !== null && coins === coinsExpected)).toBe(true);
  }
  expect(await runs.nodesAlive()).toEqual([]);
}, 90_000);

/** Blocks that a node found on its disk at its last start. */
async function restoredCount(folder: string, node: number): Promise<number> {
  const log = await readFile(join(folder, "logs", `node-${node}.log`), "utf8");
  return Number([...log.matchAll(/"restoredCount":(\d+)/g)].at(-1)?.[1]);
}

test("three nodes that are killed together at random moments lose no block that they had told of", async () => {
  const { backend, events, folder } = await runs.backend(
    "killed-together",
    "duration: 60s\nnodes: { count: 3, hashRate: 8kH/s }\n",
  );
  const nodes = [0, 1, 2];
  const moments = new Prng("killed together").stream("moments");
  try {
    expect(await backend.start(new AbortController().signal)).toMatchObject({ ok: true });
    for (let round = 1; round <= 3; round++) {
      // News comes when a block is mined, sent, taken: so many of them on, a block is in some phase of its way.
      const newsCount = events.length + 10 + moments.integer(20);
      await until(() => events.length >= newsCount, `there is news in round ${round}`);
      expect(await backend.apply({ word: "crash", nodes })).toMatchObject({ applied: true });
      const told = nodes.map((node) => heldBy(events, node));
      // All are down, so that none can fetch from another what it lost.
      expect(await backend.apply({ word: "restart", nodes })).toMatchObject({ applied: true });
      for (const node of nodes) {
        // From its own disk, not from a peer that came back sooner.
        expect(await restoredCount(folder, node)).toBeGreaterThanOrEqual(told[node]?.size ?? 0);
        await expectHeld(folder, node, told[node] ?? []);
      }
    }
    expect(heldBy(events, 0).size).toBeGreaterThan(5);
  } finally {
    await backend.stop();
  }
  expect(await runs.nodesAlive()).toEqual([]);
}, 90_000);

test("a node that stands still is seen to, takes no transactions, and goes on with what it missed", async () => {
  const { backend, events } = await runs.backend(
    "paused",
    "duration: 60s\nnodes: { count: 2, hashRate: 4kH/s }\n",
  );
  try {
    await backend.start(new AbortController().signal);
    expect(await backend.apply({ word: "pause", nodes: [1] })).toMatchObject({ applied: true, probed: true });
    const answered = new Promise((resolve) => backend.askSequence(1, backend.keys.publicKeyOf(0), resolve));
    expect(await answered).toBeNull();
    const before = heldBy(events, 0).size;
    await until(() => heldBy(events, 0).size >= before + 3, "the other goes on");
    expect(await backend.apply({ word: "resume", nodes: [1] })).toMatchObject({
      applied: true,
      probed: true,
    });
    await untilCaughtUp(events, 1, 0);
  } finally {
    await backend.stop();
  }
  expect(await runs.nodesAlive()).toEqual([]);
}, 90_000);

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { RunEvent } from "../../runner/record/run-event.ts";
import type { Loss } from "../support/lossy-node.ts";
import { heldBy, realRuns, tipOf, until, urlOf } from "../support/real-runs.ts";

/** What a node tells does not reach the runner, or not in one piece: see `lossy-node.ts`. The journal is whole all the same. */

const runs = realRuns();

/** Node 1 holds what node 0 mined, and nothing else. */
const ONE_MINER = "duration: 60s\nnodes: { count: 2, hashRate: [8kH/s, 0H/s] }\n";

async function lossyMain(loss: Loss): Promise<string> {
  const file = join(runs.folder, `${loss}.mjs`);
  const module = new URL("../support/lossy-node.ts", import.meta.url).href;
  await writeFile(file, `import { runLossyNode } from "${module}";\nrunLossyNode("${loss}");\n`);
  return file;
}

const minedIn = (events: readonly RunEvent[]) => events.filter((event) => event.type === "block-mined");

test("blocks whose miner was killed before it could tell of them are fetched from who holds them", async () => {
  const { backend, events, folder } = await runs.backend("mute", ONE_MINER, await lossyMain("mute"));
  const blocks = new Map<string, Record<string, unknown>>();
  try {
    expect(await backend.start(new AbortController().signal)).toMatchObject({ ok: true });
    await until(() => heldBy(events, 1).size >= 3, "node 1 holds three blocks");
    expect(await backend.apply({ word: "crash", nodes: [0] })).toMatchObject({ applied: true });
    // The only one who could have told of them is dead, and had not.
    expect(minedIn(events)).toEqual([]);
    for (const hash of heldBy(events, 1)) {
      const answer = await fetch(`${await urlOf(folder, 1)}/blocks/${hash}`);
      blocks.set(hash, (await answer.json()) as Record<string, unknown>);
    }
  } finally {
    await backend.stop();
  }
  const mined = minedIn(events);
  expect(mined.map(({ hash }) => hash).sort()).toEqual([...heldBy(events, 1)].sort());
  expect(blocks.size).toBeGreaterThanOrEqual(3);
  for (const [hash, { parentHash, height, timeMs, sizeBytes, work }] of blocks) {
    const [event] = mined.filter((each) => each.hash === hash);
    expect(event).toMatchObject({ node: 0, parentHash, height, timeMs, sizeBytes });
    expect(String(event?.work)).toBe(work);
  }
}, 90_000);

test("a stream that breaks in the midst of an event is taken up behind the last whole one: none is lost, none comes twice", async () => {
  const { backend, events } = await runs.backend("cut", ONE_MINER, await lossyMain("cut"));
  try {
    expect(await backend.start(new AbortController().signal)).toMatchObject({ ok: true });
    await until(() => heldBy(events, 1).size >= 6, "node 1 holds six blocks");
  } finally {
    const ends = await backend.stop();
    expect(ends.map(({ failure }) => failure)).toEqual([null, null]);
    // What the journal says of the end is what the nodes say: nothing is missing at its end either.
    expect(ends.map(({ tipHash }) => tipHash)).toEqual([0, 1].map((node) => tipOf(events, node)?.hash));
  }
  const told = events.flatMap((event) =>
    event.type === "block-mined" || event.type === "block-received" || event.type === "tip-changed"
      ? [`${event.node} ${event.type} ${event.hash}`]
      : [],
  );
  expect(told.length).toBeGreaterThan(20);
  expect(new Set(told).size).toBe(told.length);
  expect(heldBy(events, 0)).toEqual(heldBy(events, 1));
}, 90_000);

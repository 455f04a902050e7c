import { expect, test } from "vitest";
import { heldBy, realRuns, tipOf, until } from "../support/real-runs.ts";

const runs = realRuns();

test("two halves that went apart, each by blocks of its own, find together again after the heal", async () => {
  const { backend, events, plan } = await runs.backend(
    "halves",
    "duration: 60s\nnodes: { count: 4, hashRate: 1kH/s }\n",
  );
  /** A tip of one half that the other does not hold. */
  const isAhead = (node: number, other: number) => {
    const tip = tipOf(events, node);
    return tip !== undefined && tip.height > 0 && !heldBy(events, other).has(tip.hash);
  };
  const cut = [0, 1].flatMap((a) =>
    [2, 3].flatMap((b): [number, number][] => [
      [a, b],
      [b, a],
    ]),
  );
  try {
    expect(await backend.start(new AbortController().signal)).toMatchObject({ ok: true });
    expect(await backend.apply({ word: "partition", cut })).toMatchObject({ applied: true, probed: true });
    await until(() => isAhead(0, 2) && isAhead(2, 0), "both halves went on by themselves");
    expect(await backend.apply({ word: "heal", links: null })).toMatchObject({ applied: true, probed: true });
    const before = heldBy(events, 0).size;
    await until(() => {
      const tips = new Set(plan.nodes.map(({ index }) => tipOf(events, index)?.hash));
      return tips.size === 1 && heldBy(events, 0).size > before;
    }, "all have one tip");
  } finally {
    const ends = await backend.stop();
    expect(ends.map(({ failure }) => failure)).toEqual(plan.nodes.map(() => null));
  }
  expect(await runs.nodesAlive()).toEqual([]);
}, 90_000);

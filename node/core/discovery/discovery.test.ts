import { expect, test } from "vitest";
import { Prng } from "../support/prng.ts";
import { Discovery, type DiscoveryEffect } from "./discovery.ts";
import type { NodeEntry } from "./node-entry.ts";

const KNOWN_ENOUGH = 3;

const node = (number: number): NodeEntry => ({ ip_address: "10.0.0.1", port: 5_000 + number });

/** Takes one refresh to its end; what was told of it. The registry is down, and so is who is not among `living`. */
function outcomesOf(known: readonly number[], living: readonly number[]): string[] {
  const discovery = new Discovery({
    isNode: true,
    registry: { ip_address: "10.0.0.99", port: 42_020 },
    intervalUs: 60_000_000,
    knownEnough: KNOWN_ENOUGH,
    peerLimit: 0,
    countMax: 100,
    draws: new Prng("1"),
  });
  for (const number of known) discovery.nodes.introduce(node(number), 0);
  const outcomes: string[] = [];
  const effects: DiscoveryEffect[] = discovery.wake(new Set(), new Set(), 0);
  for (let effect = effects.shift(); effect !== undefined; effect = effects.shift()) {
    if (effect.type === "refreshed") outcomes.push(effect.outcome);
    if (effect.type !== "ask") continue;
    const { kind, target } = effect.ask;
    const isLiving = living.some((number) => node(number).port === target.port);
    const failed = { kind: "failed", reason: "down" } as const;
    const given = kind === "nodes" ? ({ kind: "nodes", nodes: [] } as const) : ({ kind: "alive" } as const);
    effects.push(...discovery.answer(effect.ask, isLiving ? given : failed, 0));
  }
  expect(discovery.isRefreshing).toBe(false);
  return outcomes;
}

test("a refresh tells once, at its end, whether enough nodes are known then, some, or none", () => {
  expect(outcomesOf([1, 2, 3, 4], [1, 2, 3])).toEqual(["enough"]);
  expect(outcomesOf([1, 2, 3, 4], [1, 2])).toEqual(["some"]);
  expect(outcomesOf([1, 2], [])).toEqual(["none"]);
  expect(outcomesOf([], [])).toEqual(["none"]);
});

test("more known nodes than are asked at once are told of once all the same", () => {
  const many = Array.from({ length: 30 }, (_, index) => index);
  expect(outcomesOf(many, many)).toEqual(["enough"]);
});
